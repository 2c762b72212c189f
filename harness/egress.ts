import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { MachineFile } from './nodes/machine-container.ts'
import type { ClusterNode } from './nodes/node.ts'

/** A file that a node must have before its first process runs. */
export interface MountedFile {
  readonly hostPath: string
  readonly containerPath: string
}

const unitName = 'clusterproof-egress.service'
const rulesFile = '/etc/clusterproof/egress.nft'

/**
 * The files that close a machine's egress at every boot: an nftables table in its own network namespace that rejects
 * what would leave the cluster's subnet, loaded by a systemd unit before the network is used. A machine must have them
 * before its first process runs, so that the first boot is closed as well.
 * @param alsoTo IPv4 addresses or ranges outside the subnet that the machine itself, not its pods, may reach
 * @param requiredBy the unit that does not start where the rules could not be loaded
 */
export function egressFiles(
  subnet: string,
  alsoTo: readonly string[] = [],
  requiredBy = 'containerd.service',
): MachineFile[] {
  return [
    { path: rulesFile, content: egressRules(subnet, alsoTo) },
    { path: `/etc/systemd/system/${unitName}`, content: egressUnit },
    // systemd takes no mounted file in a .wants folder (it must be a link), so that the runtime asks for the unit:
    // where the rules cannot be loaded, no container runs.
    { path: `/etc/systemd/system/${requiredBy}.d/10-${unitName}.conf`, content: runtimeDropIn },
  ]
}

/** Writes {@link egressFiles} into a directory of this machine, for providers that mount them. */
export function writeEgressFiles(directory: string, subnet: string, alsoTo: readonly string[] = []): MountedFile[] {
  mkdirSync(directory, { recursive: true })
  return egressFiles(subnet, alsoTo).map(({ path: containerPath, content }) => {
    const hostPath = path.join(directory, path.posix.basename(containerPath))
    writeFileSync(hostPath, content)
    return { hostPath, containerPath }
  })
}

/** kind's defaults for pods and Services. */
const clusterRanges = ['10.244.0.0/16', '10.96.0.0/16']

/**
 * Rejects on eth0 everything for outside the subnet, in both of the ways out: the node's own and its pods'. A silent drop
 * would make each look-up of an outside name wait for its time-out.
 *
 * In the output hook a Service's packet still bears the device of its first route, eth0, although kube-proxy has already
 * given it another destination and so another route. What is for pods and Services passes there and is judged once more
 * at the very end, where the device is the true one but nothing can be rejected, only dropped.
 *
 * `alsoTo` passes in the machine's own way out and at the end, not in its pods'.
 */
export function egressRules(subnet: string, alsoTo: readonly string[] = []): string {
  const reject = 'reject with icmpx admin-prohibited'
  const chains = [
    chain('output', [subnet, ...alsoTo, ...clusterRanges], reject),
    chain('forward', [subnet], reject),
    chain('postrouting', [subnet, ...alsoTo], 'drop'),
  ]
  const table = 'table inet clusterproof-egress'
  return `${table}\ndelete ${table}\n${table} {\n${chains.join('\n')}\n}\n`
}

function chain(hook: string, passes: readonly string[], verdict: string): string {
  return `  chain ${hook} {
    type filter hook ${hook} priority -10; policy accept;
    oifname "eth0" ip daddr { ${passes.join(', ')} } accept
    oifname "eth0" ip6 daddr { fe80::/10, ff02::/16 } accept
    oifname "eth0" counter ${verdict}
  }`
}

const egressUnit = `[Unit]
Description=clusterproof: nothing leaves the cluster's network
DefaultDependencies=no
Before=containerd.service kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${rulesFile}
`

const runtimeDropIn = `[Unit]
Requires=${unitName}
After=${unitName}
`

/** Whether the node's egress is closed: the table is there, and its packet counters can be read. */
export async function egressClosed(node: Pick<ClusterNode, 'exec'>): Promise<boolean> {
  const { stdout, exitCode } = await node.exec(['nft', 'list', 'table', 'inet', 'clusterproof-egress'], {
    reject: false,
  })
  return exitCode === 0 && (stdout.match(/counter packets \d+ .*(reject|drop)/g)?.length ?? 0) === 3
}
