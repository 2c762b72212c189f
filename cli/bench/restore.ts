import { budget } from '../../harness/budgets/budget.ts'
import { removeObjects } from '../../harness/engine-objects.ts'
import { eventually } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import type { Journal } from '../../harness/journal.ts'
import { KubeApi, type KubeList } from '../../harness/kube/api.ts'
import { readKubeconfig } from '../../harness/kube/kubeconfig.ts'
import { observeApi } from '../../harness/kube/observe.ts'
import type { Node } from '../../harness/kube/types.ts'
import { ContainerNode } from '../../harness/nodes/container-node.ts'
import { observeEngine } from '../../harness/nodes/engine-events.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { nodeAilments } from '../../harness/probes/health.ts'
import { awaitHealthy, kubeadmEtcdLayout } from '../../harness/providers/assembly.ts'
import { awaitApi } from '../../harness/providers/kubeadm/bring-up.ts'
import { run as execute } from '../../harness/process.ts'
import { type Run, runLabel } from '../../harness/run.ts'
import { askDns } from './answering.ts'
import { copyVolume, type SavedMachine, type Snapshot } from './snapshot.ts'

const nodesBack = budget({
  name: 'nodes are Ready again',
  ms: 240_000,
  source: 'bench: as long as a new cluster may take',
})

/** A cluster that came back. */
export interface Restored extends AsyncDisposable {
  readonly name: string
  readonly nodes: readonly ClusterNode[]
  readonly answeringAfterMs: number
  readonly healthyAfterMs: number
}

/**
 * Brings a cluster back out of its snapshot, with the same names and addresses, and leaves the snapshot as it is. What is
 * timed begins before its network is made, as with a new cluster; that nodes are Ready counts only since their start.
 */
export async function restore(run: Run, journal: Journal, snapshot: Snapshot): Promise<Restored> {
  const { cluster: name, machines, nodeImage } = snapshot
  const observers = new AbortController()
  const volumes = machines.map((machine) => ({ machine, volume: `${machine.name}-var` }))
  const api = new KubeApi(readKubeconfig(snapshot.kubeconfig))
  const remove = async () => {
    observers.abort()
    api[Symbol.dispose]()
    const own = { containers: machines.map((machine) => machine.name), networks: [name] }
    await removeObjects({ ...own, volumes: volumes.map(({ volume }) => volume) })
  }
  try {
    journal.append('cluster', 'image', nodeImage)
    const startedAt = journal.append('cluster', 'creating', name, { provider: 'snapshot', image: nodeImage }).t
    const label = `${runLabel}=${run.id}`
    const boots = observeEngine(name, { run, journal }, observers.signal)
    const network = execute('docker', ['network', 'create', '--label', label, '--subnet', snapshot.subnet, name])
    const copies = volumes.map(({ machine, volume }) =>
      copyVolume(run, { from: machine.volume, to: volume, image: nodeImage }),
    )
    await Promise.all([network, ...copies])
    journal.append('cluster', 'copied', name)
    await Promise.all(
      volumes.map(({ machine, volume }) =>
        execute('docker', machineArguments(machine, { network: name, volume, label })),
      ),
    )
    journal.append('cluster', 'switched on', name)
    await awaitApi(api, name, { journal })
    journal.append('cluster', 'api', name)
    void observeApi(api, journal, observers.signal)
    const names = machines.map((machine) => machine.name)
    await eventually(waitContext({ journal }), `the nodes of ${name} are Ready`, {
      probe: async () => nodeAilments(names, (await api.get<KubeList<Node>>('/api/v1/nodes')).items, boots),
      until: (ailments) => ailments.length === 0,
      within: nodesBack,
    })
    journal.append('cluster', 'nodes', name)
    const first = machines.find(({ roles }) => roles.includes('control-plane'))?.name ?? ''
    const answering = await askDns(journal, name, first)
    const nodes = machines.map((machine) => new ContainerNode(machine.name, machine.roles))
    await awaitHealthy({ name, api, nodes, boots, etcd: kubeadmEtcdLayout(null), journal })
    const ready = journal.append('cluster', 'ready', name)
    return {
      name,
      nodes,
      answeringAfterMs: answering.t - startedAt,
      healthyAfterMs: ready.t - startedAt,
      [Symbol.asyncDispose]: remove,
    }
  } catch (error) {
    if (!run.keep) await remove()
    throw error
  }
}

/** `docker run …` of a machine as harness/nodes/machine-testcontainer.ts makes it, with the volume that it had. */
export function machineArguments(
  { name, address, image, apiPort }: Pick<SavedMachine, 'name' | 'address' | 'image' | 'apiPort'>,
  { network, volume, label }: { readonly network: string; readonly volume: string; readonly label: string },
): string[] {
  const rights = '--privileged --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cgroupns private'
  const mounts = ['/tmp', '/run'].flatMap((folder) => ['--tmpfs', folder])
  const volumes = ['/lib/modules:/lib/modules:ro', `${volume}:/var`].flatMap((each) => ['--volume', each])
  const identity = ['--name', name, '--hostname', name, '--network', network, '--ip', address, '--label', label]
  const port = apiPort === null ? [] : ['--publish', `127.0.0.1:${apiPort}:6443`]
  const settings = [...rights.split(' '), '--restart', 'on-failure', ...identity, ...mounts, ...volumes, ...port]
  return ['run', '--detach', ...settings, image]
}
