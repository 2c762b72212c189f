import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** A file that a node must have before its first process runs. */
export interface MountedFile {
  readonly hostPath: string
  readonly containerPath: string
}

const unitName = 'clusterproof-egress.service'

/**
 * Writes the files that close a node's egress at every boot: an nftables table in the node's own network namespace
 * that drops what would leave the cluster's subnet, loaded by a systemd unit before the network is used. They are
 * mounted, so that the first boot is closed as well.
 */
export function writeEgressFiles(directory: string, subnet: string): MountedFile[] {
  mkdirSync(directory, { recursive: true })
  const files: [string, string, string][] = [
    ['egress.nft', '/etc/clusterproof/egress.nft', egressRules(subnet)],
    [unitName, `/etc/systemd/system/${unitName}`, egressUnit],
    // The same unit where systemd looks for what sysinit.target wants: that is what `systemctl enable` makes.
    [unitName, `/etc/systemd/system/sysinit.target.wants/${unitName}`, egressUnit],
  ]
  return files.map(([name, containerPath, text]) => {
    const hostPath = path.join(directory, name)
    writeFileSync(hostPath, text)
    return { hostPath, containerPath }
  })
}

/** Drops on eth0 everything for outside the subnet, in both of the ways out: the node's own and its pods'. */
export function egressRules(subnet: string): string {
  const chain = (hook: string) => `  chain ${hook} {
    type filter hook ${hook} priority -10; policy accept;
    oifname "eth0" ip daddr ${subnet} accept
    oifname "eth0" ip6 daddr fe80::/10 accept
    oifname "eth0" meta nfproto ipv4 counter drop
    oifname "eth0" meta nfproto ipv6 counter drop
  }`
  return `table inet clusterproof-egress\ndelete table inet clusterproof-egress\ntable inet clusterproof-egress {\n${chain('output')}\n${chain('forward')}\n}\n`
}

const egressUnit = `[Unit]
Description=clusterproof: nothing leaves the cluster's network
DefaultDependencies=no
Before=network-pre.target containerd.service kubelet.service
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/clusterproof/egress.nft
`
