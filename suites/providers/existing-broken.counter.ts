import { counter, type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { run } from '../../harness/process.ts'
import { undo, when } from '../../harness/sabotage.ts'
import { firstWorker, kubeletNeverReturns } from '../recovery/sabotage.ts'

const existing = await scenariosOf(() => import('./existing.suite.ts'))

/** A worker's command that works no more once the cluster is attached to: its container has another name. */
const commandBreaks: Sabotage = (cluster) => {
  const { name } = firstWorker(cluster)
  const other = `${name}-renamed`
  const armed = when(
    cluster,
    ({ source, kind }) => source === 'cluster' && kind === 'attached',
    () => run('docker', ['rename', name, other]),
  )
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      await run('docker', ['rename', other, name], { reject: false })
    }),
  )
}

// Nobody knows what the cluster did: no blame, and no pass.
counter(existing, 'providers.existing', 'a node command that breaks midway', {
  expected: { outcome: 'inconclusive', diagnosis: '', reason: 'No such container' },
  sabotage: commandBreaks,
})

counter(existing, 'providers.existing', 'a kubelet that never registers again', {
  expected: { outcome: 'violates', diagnosis: 'recovery.node-not-ready' },
  sabotage: kubeletNeverReturns(firstWorker),
  nightly: true,
})
