import { findNodes } from '../../harness/cluster.ts'
import { scenario } from '../../harness/fixtures.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { deployAgent } from '../../harness/workloads/agent.ts'
import { joined, serves } from './newcomer.ts'

const worker = (number: number) => ({ name: `joining-${number}`, roles: ['worker'] as const, after: [] })

/** One worker joins, then two at once: 1 → 2 → 4. */
scenario('join.worker', { requires: ['join'] }, async (context) => {
  const { cluster, measure } = context
  const { journal } = cluster
  await deployAgent(cluster)
  const controlPlane = findNodes(cluster, { role: 'control-plane' })[0]
  const before = controlPlane === undefined ? 0 : await workingSetBytes(controlPlane)
  const all = []
  for (const step of [[worker(2)], [worker(3), worker(4)]]) {
    const since = journal.now()
    const nodes = await joined(context, step)
    all.push(...nodes)
    await Promise.all(nodes.map((node) => serves(context, node, since)))
    measure(`${findNodes(cluster, { role: 'worker' }).length} workers after`, journal.now() - since, 'ms')
  }
  if (controlPlane !== undefined) {
    const grown = (await workingSetBytes(controlPlane)) - before
    measure('memory of the control plane for each worker', grown / 2 ** 20 / all.length, 'MiB')
  }
  for (const node of all) await cluster.leave(node)
})
