import { findNode } from '../../harness/cluster.ts'
import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { onWorker } from './machine-sabotage.ts'
import { counter, inSeededOrder } from './seeded.ts'

// What every cluster runs beside its components, with a configuration that it does not take.
const afterReboot = await scenariosOf(() => import('../recovery/daemonset-after-reboot.suite.ts'))
const controlPlane = await scenariosOf(() => import('../recovery/control-plane-reboot.scenario.ts'))

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>
}

/** A configuration is spoilt as a machine is about to reboot; afterwards its pods are made anew with what it was. */
function configurationSpoilt(
  name: string,
  key: string,
  spoil: (text: string) => string,
  role: 'worker' | 'control-plane',
): Sabotage {
  return async (cluster) => {
    const { api } = cluster
    const path = `/api/v1/namespaces/kube-system/configmaps/${name}`
    const { data } = await api.get<ConfigMap>(path)
    const pods = `/api/v1/namespaces/kube-system/pods?labelSelector=${encodeURIComponent(`k8s-app in (${name}, ${dns})`)}`
    const armed = when(cluster, faultIs('injecting', 'reboot', findNode(cluster, { role })), async () => {
      await api.patch(path, { data: { [key]: spoil(data[key] ?? '') } })
      // Those of a DaemonSet end with their machine.
      if (role === 'control-plane') await api.delete(pods)
    })
    return undo(cluster, async () => {
      armed[Symbol.dispose]()
      await api.patch(path, { data: { [key]: data[key] } })
      await api.delete(pods)
    })
  }
}

/** What CoreDNS' pods are labelled as. */
const dns = 'kube-dns'

counter(
  afterReboot,
  'recovery.daemonset-after-reboot',
  'a kube-proxy whose configuration names a mode that nobody knows',
  {
    expected: { outcome: 'violates', diagnosis: 'component.crashing' },
    sabotage: (cluster) => {
      const spoilt = configurationSpoilt(
        'kube-proxy',
        'config.conf',
        (text) => text.replace(/^mode: .*$/m, 'mode: nonsense'),
        'worker',
      )
      return both(onWorker({ strike: () => Promise.resolve(), mend: '' }), spoilt)(cluster)
    },
  },
)

counter(controlPlane, 'recovery.control-plane-reboot', 'a CoreDNS whose Corefile cannot be read', {
  expected: { outcome: 'violates', diagnosis: 'component.dns-down' },
  sabotage: configurationSpoilt('coredns', 'Corefile', () => '.:53 {\n  nonsense\n}\n', 'control-plane'),
})

/** The second is undone first. */
function both(first: Sabotage, second: Sabotage): Sabotage {
  return async (cluster) => {
    const stack = new AsyncDisposableStack()
    stack.use(await first(cluster))
    stack.use(await second(cluster))
    return stack
  }
}

inSeededOrder()
