import { extend } from '../../harness/budgets/budget.ts'
import { leasesHeld } from '../../harness/budgets/control-plane.ts'
import { findNode, type StartedCluster } from '../../harness/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { stopStaticPod, restoreManifest } from '../../harness/nodes/static-pods.ts'
import { held, leaseState } from '../../harness/probes/leases.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { namespace } from '../../harness/workloads/server.ts'
import { shell } from './machine-sabotage.ts'
import { counter, inSeededOrder } from './seeded.ts'

// What a Service and those who follow it owe while a machine is without power.
const powerCut = await scenariosOf(() => import('../recovery/power-cut.suite.ts'))

const service = `/api/v1/namespaces/${namespace}/services/web`

/** The Service selects nobody once the power is cut: it has no endpoints. */
const selectsNobody: Sabotage = (cluster) => {
  const { api } = cluster
  const select = (app: string) => api.patch(service, { spec: { selector: { app } } })
  const armed = when(cluster, faultIs('struck', 'power-cut'), () => select('nobody'))
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      await select('web')
    }),
  )
}

/** kube-proxy of the machine that asks hears of no endpoint any more. */
const proxyStops: Sabotage = (cluster) => {
  const node = findNode(cluster, { role: 'control-plane' })
  const armed = when(cluster, faultIs('struck', 'power-cut'), () => shell(node, 'pkill -STOP -x kube-proxy'))
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      await shell(node, 'pkill -CONT -x kube-proxy')
    }),
  )
}

const manifest = '/etc/kubernetes/kube-controller-manager.yaml'

/**
 * Stops kube-controller-manager, changes its manifest, and returns once the new one leads: until then the API has the old
 * one's pod as Ready, and its lease.
 */
async function restartedWith(cluster: StartedCluster, change: string): Promise<void> {
  const node = findNode(cluster, { role: 'control-plane' })
  const { holder } = await leaseState(cluster, 'kube-controller-manager')
  await stopStaticPod(cluster, node, 'kube-controller-manager')
  await shell(node, change)
  await restoreManifest(node, 'kube-controller-manager')
  await eventually(waitContext(cluster), 'the new kube-controller-manager leads', {
    probe: () => leaseState(cluster, 'kube-controller-manager'),
    until: (lease) => lease.holder !== holder && held(lease, Date.now()),
    // The kubelet sees the manifest at once, or at its next look.
    within: extend(leasesHeld(), { name: 'fileCheckFrequency', ms: 20_000, source: 'KubeletConfiguration default' }),
    describe: (lease) => lease.holder,
  })
}

/** kube-controller-manager calls a Node Ready that has been silent for ten minutes. */
const graceTooLong: Sabotage = async (cluster) => {
  const flag = 's/--node-monitor-grace-period=[^ ]*/--node-monitor-grace-period=10m/'
  await restartedWith(cluster, `cp ${manifest} ${manifest}.saved; sed -i '${flag}' ${manifest}`)
  return undo(cluster, () => restartedWith(cluster, `mv ${manifest}.saved ${manifest}`))
}

counter(powerCut, 'recovery.power-cut', 'a Service that selects nobody', {
  expected: { outcome: 'violates', diagnosis: 'recovery.service-gap' },
  sabotage: selectsNobody,
})

counter(powerCut, 'recovery.power-cut', 'a kube-proxy that is stopped by a signal', {
  expected: { outcome: 'violates', diagnosis: 'recovery.service-gap' },
  sabotage: proxyStops,
})

counter(powerCut, 'recovery.power-cut', 'a controller-manager that waits ten minutes for a machine', {
  expected: { outcome: 'violates', diagnosis: 'component.not-ready-too-late' },
  sabotage: graceTooLong,
})

inSeededOrder()
