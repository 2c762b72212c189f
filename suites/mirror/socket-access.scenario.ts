import { budget } from '../../harness/budgets/budget.ts'
import { installSpegel } from '../../harness/add-ons/spegel.ts'
import { podStartup, probePeriod } from '../../harness/budgets/constants.ts'
import { explainMirror } from '../../harness/diagnosis/mirror.ts'
import { scenario } from '../../harness/fixtures.ts'
import { mirrorFacts } from '../../harness/probes/mirror-facts.ts'
import { describeInstances, mirrorInstances } from '../../harness/probes/mirror-instances.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { kubernetesNodes } from './mirroring.ts'

/** What an instance takes that has its socket. */
const instancesStart = budget(podStartup, { ...podStartup, name: 'init container' }, probePeriod)

/** An instance that cannot use containerd's socket must be told by name, before its startup probe's patience is over. */
function socketAccess(values: Readonly<Record<string, unknown>>) {
  return async ({ cluster, eventually }: ScenarioContext): Promise<void> => {
    await using mirror = await installSpegel(cluster, 'v0.7.4', { registries: ['http://upstream.test'], values })
    await eventually(`${mirror.name} is Ready on every node`, {
      probe: () => mirrorInstances(cluster, mirror),
      until: (found) => found.length === kubernetesNodes(cluster).length && found.every(({ ready }) => ready),
      within: instancesStart,
      describe: describeInstances,
      diagnose: async () => explainMirror(await mirrorFacts(cluster, mirror)),
    })
  }
}

/** k3s and RKE2 keep it at this path, and nobody else does. */
scenario(
  'mirror.socket-path',
  { requires: ['node-access'], expected: { outcome: 'violates', diagnosis: 'mirror.socket-missing' } },
  socketAccess({ spegel: { containerdSock: '/run/k3s/containerd/containerd.sock' } }),
)

/** The socket is root's; what else of Spegel wants to be root is turned off. */
scenario(
  'mirror.socket-permissions',
  { requires: ['node-access'], expected: { outcome: 'violates', diagnosis: 'mirror.socket-denied' } },
  socketAccess({
    securityContext: { runAsUser: 65_532, runAsGroup: 65_532 },
    spegel: { containerdMirrorAdd: false, persistence: { enabled: false } },
  }),
)
