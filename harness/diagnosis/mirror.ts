import type { Diagnosis } from '../verdict.ts'
import { diagnosis } from './catalog.ts'

/** One instance of a mirror, as far as its pod, its connections and its log tell. */
export interface InstanceFacts {
  readonly pod: string
  readonly node: string
  readonly ready: boolean
  readonly restarts: number
  /** Null: its machine does not answer. */
  readonly peers: readonly string[] | null
  /** Why its container does not run, in the kubelet's words; null: it runs. */
  readonly waiting: string | null
  /** Whether it said "leader is self" after another had taken the lock, or after it had lost it. */
  readonly claimsLead: boolean
  /** Its last words before its container ended; empty: it has not ended. */
  readonly lastWords: string
}

/** What decides whether images come from inside the cluster. */
export interface MirrorFacts {
  /** `spegel v0.0.14`. */
  readonly mirror: string
  /** Whether an instance that is the only one gets Ready. */
  readonly servesAlone: boolean
  readonly instances: readonly InstanceFacts[]
  /** The pod that holds the lock; null: nobody does, or nobody is elected. */
  readonly holder: string | null
  /** What a node got from its mirror for an image that a neighbour has; null: it was not asked. */
  readonly answer: { readonly node: string; readonly status: number; readonly detail: string } | null
}

/** The cause of a mirror that does not serve: what kept an instance from starting, then whom it takes for the leader, then its peers. */
export function explainMirror(facts: MirrorFacts): Diagnosis {
  const { mirror, servesAlone, instances, holder, answer } = facts
  const asked =
    answer === null ? '' : `; the mirror of ${answer.node} answers ${answer.status} ${answer.detail}`.trimEnd()
  for (const { pod, node, ready, waiting, lastWords } of instances) {
    // One that is Ready has its socket, whatever ended it before: a containerd that was restarted, say.
    if (ready) continue
    const said = `${waiting ?? ''} ${lastWords}`
    const where = `${pod} of ${mirror} on ${node}: ${said.trim()}`
    if (/containerd\.sock.*permission denied/.test(said)) return diagnosis('mirror.socket-denied', where)
    if (socketMissing(said)) return diagnosis('mirror.socket-missing', where)
  }
  const stale = instances.filter(({ pod, claimsLead }) => claimsLead && pod !== holder)
  if (stale.length > 0 && holder !== null) {
    const who = stale.map(({ pod, node, ready }) => `${pod} on ${node} (${ready ? 'Ready' : 'not Ready'})`).join(', ')
    return diagnosis(
      'mirror.stale-leader',
      `${who} takes itself for the leader ("leader is self skipping connection to bootstrap node"), and ${holder} holds the lock` +
        `; peers: ${instances.map(({ pod, peers }) => `${pod} ${peers?.length ?? 'unknown'}`).join(', ')}${asked}`,
    )
  }
  const down = instances.filter(({ ready }) => !ready)
  // What does not run has no peers either, and is none.
  const ended = down.filter((instance) => !isKept(instance))
  if (instances.length > 1 && ended.length > 0) return instanceDown(down, asked)
  const lonely = instances.filter(({ peers }) => peers?.length === 0)
  const gone = instances.filter(({ peers }) => peers === null)
  if (instances.length > 1 && lonely.length > 0) {
    const who = lonely.map(({ pod, node }) => `${pod} on ${node}`).join(', ')
    return diagnosis('mirror.no-peer', `no peer of ${mirror} is connected to ${who}${asked}`)
  }
  if (gone.length > 0) {
    const who = gone.map(({ pod, node }) => `${pod} on ${node}`).join(', ')
    return diagnosis(
      'mirror.dead-provider',
      `${who} of ${mirror} does not answer, and is still asked for images${asked}`,
    )
  }
  const [only] = instances
  if (!servesAlone && instances.length === 1 && only !== undefined && isKept(only)) {
    const said = [only.waiting ?? '', only.lastWords].join(' ').trim()
    const who = `${only.pod} on ${only.node} is the only instance of ${mirror} and does not get Ready`
    return diagnosis('mirror.alone', `${who}, ${only.restarts} restarts${asked}${said === '' ? '' : `: ${said}`}`)
  }
  if (down.length > 0) return instanceDown(down, asked)
  if (answer?.status === 200) {
    const { node } = answer
    return diagnosis(
      'mirror.not-asked',
      `the mirror of ${node} has the image, and the container runtime does not ask it`,
    )
  }
  return diagnosis('mirror.not-resolved', `every instance of ${mirror} is Ready and has a peer${asked}`)
}

function instanceDown(instances: readonly InstanceFacts[], asked: string): Diagnosis {
  const who = instances.map(
    ({ pod, node, restarts, waiting }) => `${pod} on ${node}: ${waiting ?? 'not Ready'}, ${restarts} restarts`,
  )
  return diagnosis('mirror.instance-down', `${who.join('; ')}${asked}`)
}

/** Whether an instance runs and is not Ready, or was ended for that: by its startup probe, and by nothing else. */
function isKept({ ready, waiting }: InstanceFacts): boolean {
  return !ready && (waiting === null || /startup probe failed/i.test(waiting))
}

/** containerd's socket as a path that is not there, is no socket, or that nobody listens at. */
function socketMissing(said: string): boolean {
  return (
    /containerd\.sock/.test(said) &&
    /no such file|not a socket|hostPath type check failed|connection refused|failed to dial|cannot connect|is a directory|not a directory|deadline exceeded/.test(
      said,
    )
  )
}
