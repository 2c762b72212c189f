import { findNodes } from '../../harness/cluster.ts'
import { scenario } from '../../harness/fixtures.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { deployAgent } from '../../harness/workloads/agent.ts'
import { joined, reportStill, serves } from './newcomer.ts'

const worker = (number: number) => ({ name: `joining-${number}`, roles: ['worker'] as const, after: [] })

/** One worker joins, then two at once: 1 → 2 → 4. */
scenario('join.worker', { requires: ['join'] }, async (context) => {
  const { cluster, measure } = context
  const { journal } = cluster
  await deployAgent(cluster)
  const controlPlane = findNodes(cluster, { role: 'control-plane' })[0]
  const before = controlPlane === undefined ? 0 : await workingSetBytes(controlPlane)
  await using one = await joined(context, [worker(2)])
  await Promise.all(one.nodes.map((node) => serves(context, node, one.since)))
  measure('2 workers after', journal.now() - one.since, 'ms')
  await using two = await joined(context, [worker(3), worker(4)])
  await Promise.all(two.nodes.map((node) => serves(context, node, two.since)))
  measure('4 workers after', journal.now() - two.since, 'ms')
  await reportStill(context, two.others)
  if (controlPlane !== undefined) {
    const grown = (await workingSetBytes(controlPlane)) - before
    measure('memory of the control plane for each worker', grown / 2 ** 20 / 3, 'MiB')
  }
})
