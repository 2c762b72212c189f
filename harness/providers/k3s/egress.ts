import type { MachineFile } from '../../nodes/machine-container.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import type { ClusterDefinition } from '../../topology.ts'

/** k3s' defaults for pods and Services. Source: docs.k3s.io, `k3s server`: --cluster-cidr, --service-cidr. */
const defaultRanges = { 'cluster-cidr': '10.42.0.0/16', 'service-cidr': '10.43.0.0/16' } as const

export const closeEgressScript = '/clusterproof/close-egress'
const rulesFile = '/clusterproof/egress.rules'

/**
 * What closes a machine's egress before k3s starts, at every start: the image has neither nftables nor an init, and has
 * iptables in /bin/aux (k3s-io/k3s-root). A start that cannot close it ends there.
 */
export function egressFiles(definition: ClusterDefinition, subnet: string): MachineFile[] {
  return [
    { path: rulesFile, content: egressRules(subnet, clusterRanges(definition)) },
    { path: closeEgressScript, content: closeEgress, mode: 0o755 },
  ]
}

/** The IPv4 ranges of pods and Services. */
export function clusterRanges({ k3s }: Pick<ClusterDefinition, 'k3s'>): string[] {
  return Object.entries(defaultRanges)
    .flatMap(([flag, standard]) => (k3s.serverArgs[flag] ?? standard).split(','))
    .filter((range) => !range.includes(':'))
}

/** The chains of the rules, by table and by the chain that jumps there. */
const chains = [
  ['filter', 'OUTPUT'],
  ['filter', 'FORWARD'],
  ['mangle', 'POSTROUTING'],
] as const
const own = (chain: string) => `CLUSTERPROOF-${chain}`

/**
 * For iptables-restore. As harness/egress.ts has it in nftables: what is for outside the subnet is rejected in both of
 * the ways out, and what is for pods and Services is judged once more at the very end, where the device is the true one
 * but nothing can be rejected. That last rule is in a table of its own: k3s' network policy controller accepts packets
 * in the filter table for good.
 */
export function egressRules(subnet: string, ranges: readonly string[]): string {
  const reject = 'REJECT --reject-with icmp-admin-prohibited'
  return [
    '*filter',
    ...chainRules('OUTPUT', [subnet, ...ranges], reject),
    ...chainRules('FORWARD', [subnet], reject),
    'COMMIT',
    '*mangle',
    ...chainRules('POSTROUTING', [subnet], 'DROP'),
    'COMMIT',
    '',
  ].join('\n')
}

function chainRules(name: string, passes: readonly string[], verdict: string): string[] {
  return [
    `:${own(name)} - [0:0]`,
    ...passes.map((range) => `-A ${own(name)} -d ${range} -j RETURN`),
    `-A ${own(name)} -j ${verdict}`,
    `-I ${name} 1 -o eth0 -j ${own(name)}`,
  ]
}

/** The cluster is IPv4 only: without IPv6 there is no other way out. */
const closeEgress = `#!/bin/sh
set -eu
for file in /proc/sys/net/ipv6/conf/all/disable_ipv6 /proc/sys/net/ipv6/conf/default/disable_ipv6; do
	[ ! -e "$file" ] || echo 1 >"$file"
done
/bin/aux/iptables-restore --noflush --wait 5 <${rulesFile}
`

/**
 * Whether the machine's egress is closed: each way out goes to its own chain, the last of them before anything else,
 * their counters can be read, and eth0 has no IPv6 address.
 */
export async function egressClosed(node: Pick<ClusterNode, 'exec'>): Promise<boolean> {
  const rules = await node.exec(['/bin/aux/iptables-save', '-c'], { reject: false })
  // A kernel without IPv6 has no such file.
  const addresses = await node.exec(['cat', '/proc/net/if_inet6'], { reject: false })
  return rules.exitCode === 0 && rulesInForce(rules.stdout) && !/\beth0$/m.test(addresses.stdout)
}

function rulesInForce(saved: string): boolean {
  return chains.every(([table, chain]) => {
    const lines =
      saved
        .slice(saved.indexOf(`*${table}\n`))
        .split('\nCOMMIT')[0]
        ?.split('\n') ?? []
    const jumps = lines.filter((line) => line.includes(` -A ${chain} `))
    const jump = jumps.findIndex((line) => line.endsWith(` -A ${chain} -o eth0 -j ${own(chain)}`))
    // In the filter table k3s puts chains of its own first; they let no packet out that the last one does not see.
    const inPlace = table === 'mangle' ? jump === 0 : jump !== -1
    return inPlace && lines.some((line) => new RegExp(`^\\[\\d+:\\d+\\] -A ${own(chain)} -j (REJECT|DROP)`).test(line))
  })
}
