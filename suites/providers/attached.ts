import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { stringify } from 'yaml'

import type { Capability, StartedCluster } from '../../harness/cluster.ts'
import { readDefinition } from '../../harness/definition-file.ts'
import { MissingCapability } from '../../harness/faults/fault.ts'
import { Journal } from '../../harness/journal.ts'
import { ContainerNode } from '../../harness/nodes/container-node.ts'
import { startCluster } from '../../harness/providers/start.ts'
import { currentRun } from '../../harness/run.ts'
import type { ClusterDefinition } from '../../harness/topology.ts'

/** The run's cluster once more, as an existing one. Disposing of it detaches from it. */
export interface Attached extends AsyncDisposable {
  readonly cluster: StartedCluster
  /** What it must be able to do, by what its definition gives. */
  readonly given: ReadonlySet<Capability>
}

/**
 * Attaches to a cluster of containers as its owner would: by a definition in a file, which is written here. It has a
 * journal of its own, because both would write down the same changes of the same objects.
 * @throws {MissingCapability} where its machines are no containers of this host's engine
 */
export async function attachTo(cluster: StartedCluster): Promise<Attached> {
  const run = currentRun()
  const { journal, host, capabilities } = cluster
  const name = `${path.basename(journal.file, '.jsonl')}.attached-${Math.round(journal.now())}.jsonl`
  await using undo = new AsyncDisposableStack()
  const own = undo.use(new Journal(path.join(path.dirname(journal.file), name), run.clock))
  // What is kept of the run's cluster is the cluster, not that it was attached to.
  const context = { run: { ...run, keep: false }, journal: own, host }
  const attached = undo.use(await startCluster(writtenDefinition(cluster), context))
  journal.append('cluster', 'attached', cluster.name, { journal: name, capabilities: [...attached.capabilities] })
  const kept = undo.move()
  // Machines to join with and the engine's network are what it is not given.
  const given = new Set(capabilities)
  for (const notGiven of ['join', 'containers'] as const) given.delete(notGiven)
  return { cluster: attached, given, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

function writtenDefinition({ definition, kubeconfig, nodes }: StartedCluster): ClusterDefinition {
  const file = path.join(path.dirname(kubeconfig), 'existing.yaml')
  const { kubernetes, objectives, components } = definition
  const existing = {
    name: 'existing',
    provider: 'existing',
    kubernetes,
    kubeconfig: `./${path.basename(kubeconfig)}`,
    nodes: nodes.map((node) => {
      if (!(node instanceof ContainerNode)) throw new MissingCapability(`${node.name} is no container`)
      const { name, roles } = node
      return {
        name,
        roles: [...roles],
        command: ['docker', 'exec', '--interactive', name],
        power: {
          on: ['docker', 'start', name],
          off: ['docker', 'stop', '--time', '95', name],
          cut: ['docker', 'kill', name],
        },
      }
    }),
    objectives,
    components,
  }
  writeFileSync(file, stringify(existing))
  return readDefinition(file)
}
