/** Where a scenario stands in the report's tree. */
export interface Place {
  /** The failure in the field that it grew from, or what it is about where it grew from none. */
  readonly epic: string
  /** The suite, which is the first word of the scenario's name. */
  readonly feature: string
  /** The scenario, without what a counter-test does to its cluster. */
  readonly story: string
  /** Whether it is one of the five failures. */
  readonly isSeed: boolean
}

/** The five field failures (docs/failures), each with the scenarios that it is seen, avoided or recovered from in. */
const seedFailures: readonly { readonly epic: string; readonly scenarios: RegExp }[] = [
  {
    epic: '1 · Egress to the API server is blocked: the election never ends',
    scenarios: /^election\.(api-egress-blocked|least-privilege-egress|rbac-missing|lock-precreated)/,
  },
  {
    epic: '2 · The first mirror thinks that it leads for ever: newcomers cannot pull from it',
    scenarios: /^mirror\.(stale-leader|scale-out|scale-in|single-node|daemonset-restart|embedded)/,
  },
  {
    epic: '3 · Machines boot before they know their name: etcd members with a name that goes',
    scenarios: /^identity\./,
  },
  {
    epic: '4 · Checks that know no roles: an etcd machine without Kubernetes looks broken',
    scenarios: /^roles\.(inventory|health)/,
  },
  {
    epic: '5 · Frequent reboots: DaemonSet pods wait out a back-off that doubles',
    scenarios: /^recovery\.(reboot-storm|remedy\.|daemonset-after-reboot|drained-reboot)/,
  },
]

/** What the other scenarios are about, by suite. */
const otherEpics: Readonly<Record<string, string>> = {
  recovery: 'Recovery: power, reboots and cold starts',
  roles: 'etcd on machines of its own',
  join: 'Machines that join and leave',
  leave: 'Machines that join and leave',
  election: 'Elections',
  mirror: 'Mirrors of images',
  providers: 'Attached clusters',
}

/** The tree's path of a scenario by its name, such as `recovery.power-cut` or `join.worker against a slow network`. */
export function placeOf(scenario: string): Place {
  const [story = scenario] = scenario.split(' against ')
  const [feature = story] = story.split('.')
  const seed = seedFailures.find(({ scenarios }) => scenarios.test(story))
  return { epic: seed?.epic ?? otherEpics[feature] ?? feature, feature, story, isSeed: seed !== undefined }
}

/** Whether it shows that a scenario can fail, and nothing of the distribution. */
export function isCounterTest(scenario: string): boolean {
  return scenario.includes(' against ')
}
