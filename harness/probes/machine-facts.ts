import type { ClusterNode } from '../nodes/node.ts'
import { type Validity, validities } from './certificates.ts'
import { readSections, type Sections, sinceBoot } from './sections.ts'

/** One attempt of a machine to speak to the API server, as its kubelet would. */
export interface Attempt {
  readonly resolved: boolean
  readonly connected: boolean
  /** TLS was agreed on, which takes packets larger than those of the connection itself. */
  readonly greeted: boolean
}

/** What a machine says of its own kubelet, container runtime and way to the API server. */
export interface MachineFacts {
  /** systemd's words: `active running`, `activating auto-restart`, `inactive dead`. */
  readonly kubelet: string
  /** How often systemd has started it again since the machine's boot. */
  readonly kubeletRestarts: number
  /** Whether the kubelet answers its own health check. */
  readonly kubeletAnswers: boolean
  /** Its last lines in the journal, since the machine's boot. */
  readonly kubeletLog: string
  readonly containerd: string
  readonly runtimeAnswers: boolean
  /** The share of the scheduler's periods in which the machine had used up its processor time, since its boot. */
  readonly throttled: number
  /** Where its kubelet finds the API server; empty: it has no kubeconfig. */
  readonly server: string
  readonly attempts: readonly Attempt[]
  /** The kubelet's own client certificate. */
  readonly certificates: readonly Validity[]
  /** What each of the two takes care of cgroups with. */
  readonly cgroups: { readonly kubelet: string; readonly containerd: string }
  /** The image below every pod, and whether the machine has it. */
  readonly sandboxImage: { readonly name: string; readonly there: boolean }
}

/** A machine that has used up its processor time in more of the periods than this is slow for that alone. */
export const starved = 0.5

/**
 * So many attempts tell packets that are lost now and then from packets that are all lost: each asks three times in its four
 * seconds (after 1 s and 3 s again, RFC 6298), and of packets of which four in five are lost not all are lost.
 */
const attempts = 16

/**
 * Everything has a limit of its own, and together they stay below that of a command on a machine. Of the kubelet's
 * certificate only the certificate is read: its key is in the same file.
 */
const script = String.raw`
section unit
systemctl show kubelet --property=ActiveState --value
systemctl show kubelet --property=SubState --value
section restarts
systemctl show kubelet --property=NRestarts --value
section healthz
curl --silent --max-time 2 http://127.0.0.1:10248/healthz
section containerd
systemctl is-active containerd
section runtime
timeout 4 ctr version >/dev/null 2>&1 && echo answers
section certificate
echo "-- /var/lib/kubelet/pki/kubelet-client-current.pem"
sed -n '/BEGIN CERT/,/END CERT/p' /var/lib/kubelet/pki/kubelet-client-current.pem
section cgroup-kubelet
sed -n 's/^cgroupDriver: *//p' /var/lib/kubelet/config.yaml
section cgroup-containerd
sed -n 's/^ *SystemdCgroup *= *//p' /etc/containerd/config.toml | tail -n 1
section sandbox-image
sed -n 's/^ *sandbox\(_image\)\{0,1\} *= *["'"'"']\(.*\)["'"'"']/\2/p' /etc/containerd/config.toml | head -n 1
section images
timeout 4 ctr --namespace k8s.io images ls -q
section log
journalctl --unit kubelet --since "${sinceBoot}" --lines 80 --output cat --no-pager
section server
server=$(sed -n 's/^ *server: *//p' /etc/kubernetes/kubelet.conf | head -n 1)
echo "$server"
address=$(echo "$server" | sed 's#^https://##')
section attempts
attempt() {
  # Without TLS first, which the API server refuses in a small packet: where TLS fails, curl says of the connection too that
  # it took no time.
  tcp=$(curl --silent --output /dev/null --max-time 4 --write-out '%{exitcode} %{time_namelookup} %{time_connect}' "http://$address")
  tls=$(curl --silent --insecure --output /dev/null --max-time 3 --write-out '%{time_appconnect}' "$server/livez")
  echo "$tcp $tls"
}
for number in $(seq ${attempts}); do attempt & done
wait
`

/** Asked before all else, with as little work as can be: a machine without processor time answers nothing larger. */
const throttledScript = String.raw`
section throttled
cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu/cpu.stat 2>/dev/null
`

/** What such a machine may take to read a file, in milliseconds. */
const throttledLimitMs = 60_000

/** What the machine says of itself; null: it does not answer. Of one without processor time that alone is known. */
export async function machineFacts(node: Pick<ClusterNode, 'exec'>): Promise<MachineFacts | null> {
  const before = await readSections(node, throttledScript, { timeoutMs: throttledLimitMs })
  if (before === null) return null
  const starving = factsIn(new Map([...before, ['unit', 'unknown']]))
  if (starving.throttled > starved) return starving
  const sections = await readSections(node, script)
  return sections === null || !sections.has('unit') ? null : factsIn(sections)
}

export function factsIn(sections: Sections): MachineFacts {
  const said = (name: string) => sections.get(name) ?? ''
  const image = said('sandbox-image')
  return {
    kubelet: said('unit').split('\n').join(' '),
    kubeletRestarts: Number(said('restarts')) || 0,
    kubeletAnswers: said('healthz') === 'ok',
    kubeletLog: said('log'),
    containerd: said('containerd'),
    runtimeAnswers: said('runtime') === 'answers',
    throttled: throttledShare(said('throttled')),
    server: said('server'),
    attempts: said('attempts')
      .split('\n')
      .flatMap((line) => attemptIn(line)),
    certificates: validities(said('certificate')),
    cgroups: {
      kubelet: said('cgroup-kubelet'),
      containerd: said('cgroup-containerd') === 'true' ? 'systemd' : 'cgroupfs',
    },
    sandboxImage: { name: image, there: said('images').split('\n').includes(image) },
  }
}

/** curl's exit code where a name is not found, and where its time is over. */
const [notResolved, timedOut] = [6, 28]

function attemptIn(line: string): Attempt[] {
  const [exit, lookup, connect, greeting] = line.split(' ').map(Number)
  if (exit === undefined || lookup === undefined || connect === undefined || greeting === undefined) return []
  return [
    {
      resolved: exit !== notResolved && !(exit === timedOut && lookup === 0),
      connected: connect > 0,
      greeted: greeting > 0,
    },
  ]
}

/** Fewer periods than these say nothing. */
const fewestPeriods = 50

function throttledShare(text: string): number {
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name} (\\d+)$`, 'gm'))].reduce((total, [, count]) => total + Number(count), 0)
  const periods = sum('nr_periods')
  return periods < fewestPeriods ? 0 : sum('nr_throttled') / periods
}
