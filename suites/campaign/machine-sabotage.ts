import { findNode, type StartedCluster } from '../../harness/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import { restartComponent } from '../../harness/remedies/restart-component.ts'
import { undo } from '../../harness/sabotage.ts'
import { deployAgent } from '../../harness/workloads/agent.ts'
import { serverReady } from '../../harness/workloads/server.ts'

/** A change of a machine that takes effect at its next boot, by fixed shell scripts on it. */
export interface MachineSabotage {
  /** Makes the change; what runs now goes on. */
  strike(cluster: StartedCluster, node: ClusterNode): Promise<unknown>
  /** What puts it right beside what every sabotage leaves; empty: nothing. */
  readonly mend: string
}

const script = '/etc/clusterproof-sabotage.sh'
const unit = 'clusterproof-sabotage'

/** Every rule of a sabotage is in this table. */
export const sabotageTable = 'inet clusterproof-sabotage'

/**
 * Takes away what any sabotage may have left, lets go on what is stopped, and starts the kubelet anew; its runtime only where
 * that does not answer: a kubelet whose runtime was restarted under it may restart an API server that serves.
 */
const cleanUp = `
systemctl disable --now ${unit} 2>/dev/null
rm -f ${script} /etc/systemd/system/${unit}.service /etc/systemd/system/*.service.d/90-sabotage.conf
nft delete table ${sabotageTable} 2>/dev/null
pkill -CONT -x 'kubelet|containerd|kube-scheduler|kube-proxy'
systemctl daemon-reload
systemctl reset-failed
timeout 5 ctr version >/dev/null 2>&1 || systemctl restart containerd
systemctl restart kubelet
systemctl is-active containerd kubelet
`

const mendingLimitMs = 120_000

/** Puts a machine right, whatever was done to it: `mend` is a text of the sabotage, with no word from a cluster in it. */
export async function mendMachine(node: ClusterNode, mend = ''): Promise<void> {
  if (!(await node.running())) await node.start()
  await node.exec(['sh', '-c', `eval "$1"\n${cleanUp}`, 'sh', mend], { timeoutMs: mendingLimitMs })
}

/**
 * The first worker, which the scenarios of recovery reboot. Its DaemonSet pods are there before, so that a scenario finds
 * them. Afterwards the controller's back-off is forgotten with its process: each reboot of this worker doubles it.
 */
export function onWorker({ strike, mend }: MachineSabotage): Sabotage {
  return async (cluster) => {
    const node = findNode(cluster, { role: 'worker' })
    await deployAgent(cluster)
    await eventually(waitContext(cluster), `DaemonSet pods run on ${node.name} before the sabotage`, {
      probe: () => nodeDaemonSetState(cluster, node),
      until: complete,
      within: serverReady,
      describe: describeState,
    })
    await strike(cluster, node)
    return undo(cluster, async () => {
      await mendMachine(node, mend)
      await restartComponent(cluster, 'kube-controller-manager')
      // The kubelet's own back-off of that container would double each time as well.
      await shell(findNode(cluster, { role: 'control-plane' }), 'systemctl restart kubelet')
    })
  }
}

/** The control plane, which one of the scenarios reboots. */
export function onControlPlane({ strike, mend }: MachineSabotage): Sabotage {
  return async (cluster) => {
    const node = findNode(cluster, { role: 'control-plane' })
    await strike(cluster, node)
    return undo(cluster, () => mendMachine(node, mend))
  }
}

/** Runs a fixed script on a machine; it ends with the first command that fails. */
export async function shell(node: ClusterNode, text: string, words: readonly string[] = []): Promise<void> {
  await node.exec(['sh', '-ec', text, 'sh', ...words])
}

/** Writes a file on a machine, with its folder. */
export async function writeFile(node: ClusterNode, file: string, content: string): Promise<void> {
  await node.exec(['sh', '-ec', 'umask 077; mkdir -p "$(dirname "$1")"; cat >"$1"', 'sh', file], { input: content })
}

/** Gives a unit further lines of its section Service, from the next boot on. */
export function dropIn(node: ClusterNode, service: 'kubelet' | 'containerd', lines: string): Promise<void> {
  return writeFile(node, `/etc/systemd/system/${service}.service.d/90-sabotage.conf`, `[Service]\n${lines}\n`)
}

/** Runs a script before a unit is started, each time, from the next boot on. */
export async function beforeStart(
  node: ClusterNode,
  service: 'kubelet' | 'containerd',
  content: string,
): Promise<void> {
  await writeFile(node, script, content)
  await dropIn(node, service, `ExecStartPre=-/bin/sh ${script}`)
}

/** Runs a script beside everything else, from the next boot on. */
export async function besideAll(node: ClusterNode, content: string): Promise<void> {
  await writeFile(node, script, content)
  const lines = `[Service]\nExecStart=/bin/sh ${script}\n\n[Install]\nWantedBy=multi-user.target\n`
  await writeFile(node, `/etc/systemd/system/${unit}.service`, lines)
  await shell(node, `systemctl enable ${unit}`)
}

/** Stops every process of that program by a signal, as soon as there is one, and again where it was started anew. */
export function stopForGood(program: string, once = ''): string {
  return `${once}
until pkill -STOP -x ${program}; do sleep 0.05; done
while :; do sleep 1; pkill -STOP -x ${program}; done
`
}
