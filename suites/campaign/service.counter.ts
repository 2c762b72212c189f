import { findNode } from '../../harness/cluster.ts'
import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { stopStaticPod, restoreManifest } from '../../harness/nodes/static-pods.ts'
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

const grace = /--node-monitor-grace-period=[^ ]*/.source

/** kube-controller-manager calls a Node Ready that has been silent for ten minutes. */
const graceTooLong: Sabotage = async (cluster) => {
  const node = findNode(cluster, { role: 'control-plane' })
  const manifest = '/etc/kubernetes/kube-controller-manager.yaml'
  const saved = `${manifest}.saved`
  await stopStaticPod(cluster, node, 'kube-controller-manager')
  await shell(node, `cp ${manifest} ${saved}; sed -i 's/${grace}/--node-monitor-grace-period=10m/' ${manifest}`)
  await restoreManifest(node, 'kube-controller-manager')
  // Nothing is to be said of a fault before somebody leads again.
  await undo(cluster, () => Promise.resolve())[Symbol.asyncDispose]()
  return undo(cluster, async () => {
    await stopStaticPod(cluster, node, 'kube-controller-manager')
    await shell(node, `mv ${saved} ${manifest}`)
    await restoreManifest(node, 'kube-controller-manager')
  })
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
