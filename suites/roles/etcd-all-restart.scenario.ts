import { budget } from '../../harness/budgets/budget.ts'
import { quorumBack } from '../../harness/budgets/etcd.ts'
import { etcdRestart } from '../../harness/faults/etcd-unit.ts'
import { scenario } from '../../harness/fixtures.ts'
import { etcdNodes } from '../../harness/topology.ts'
import { healthNames } from './agreement.ts'
import { faultWindow, underTraffic } from './traffic.ts'

/** Every member restarts at the same moment, as when a change of configuration is rolled out carelessly. */
scenario('roles.etcd-all-restart', { requires: ['etcd-nodes'] }, async (context) => {
  const { cluster } = context
  await healthNames(context, 'before the fault', [])
  await underTraffic(context, async () => {
    const { injectedAt } = await etcdRestart(cluster, etcdNodes(cluster.nodes))
    const at = cluster.journal.now()
    const back = quorumBack({ outageMs: at - injectedAt })
    return { at, back, gap: budget(faultWindow(at - injectedAt), ...back.terms) }
  })
  await healthNames(context, 'after the fault', [])
})
