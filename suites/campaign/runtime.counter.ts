import { scenariosOf } from '../../harness/fixtures.ts'
import { beforeStart, besideAll, dropIn, onWorker, shell, stopForGood } from './machine-sabotage.ts'
import { counter, inSeededOrder } from './seeded.ts'

// The container runtime of a worker, and what it needs for pods, after a reboot.
const afterReboot = await scenariosOf(() => import('../recovery/daemonset-after-reboot.suite.ts'))

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a containerd that does not start', {
  expected: { outcome: 'violates', diagnosis: 'machine.runtime-down' },
  sabotage: onWorker({ strike: (_, node) => dropIn(node, 'containerd', 'ExecStartPre=/bin/false'), mend: '' }),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a containerd that is stopped by a signal', {
  expected: { outcome: 'violates', diagnosis: 'machine.runtime-down' },
  sabotage: onWorker({
    // Before it has said that it runs, the kubelet would not be started at all; soon after, the Node would be Ready.
    strike: (_, node) =>
      besideAll(node, stopForGood('containerd', 'until systemctl is-active --quiet containerd; do sleep 0.02; done')),
    mend: '',
  }),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine without the configuration of its pod network', {
  expected: { outcome: 'violates', diagnosis: 'machine.network-unconfigured' },
  sabotage: onWorker({
    // Read-only: the pod network writes its configuration anew.
    strike: (_, node) => beforeStart(node, 'containerd', 'mount -t tmpfs -o ro tmpfs /etc/cni/net.d'),
    mend: 'while umount /etc/cni/net.d 2>/dev/null; do :; done; systemctl try-restart flannel 2>/dev/null',
  }),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine that lacks a plugin of its pod network', {
  expected: { outcome: 'violates', diagnosis: 'machine.network-unconfigured' },
  sabotage: onWorker({
    strike: (_, node) => shell(node, 'mv /opt/cni/bin/host-local /opt/cni/host-local.saved'),
    mend: '[ ! -f /opt/cni/host-local.saved ] || mv /opt/cni/host-local.saved /opt/cni/bin/host-local',
  }),
})

const sandboxImage = String.raw`
image=$(sed -n 's/^ *sandbox\(_image\)\{0,1\} *= *["'"'"']\(.*\)["'"'"']/\2/p' /etc/containerd/config.toml | head -n 1)
saved=clusterproof.invalid/sandbox:1
images='ctr --namespace k8s.io images'
`

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine without the image below every pod', {
  expected: { outcome: 'violates', diagnosis: 'recovery.image-missing' },
  sabotage: onWorker({
    strike: (_, node) => shell(node, `${sandboxImage}\n$images tag "$image" "$saved"\n$images remove --sync "$image"`),
    mend: `${sandboxImage}\n$images tag "$saved" "$image" && $images remove "$saved"`,
  }),
})

inSeededOrder()
