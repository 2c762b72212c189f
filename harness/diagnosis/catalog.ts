import type { Diagnosis } from '../verdict.ts'
import type { CatalogEntry } from './catalog-entry.ts'
import { electionEntries } from './catalog-election.ts'
import { etcdEntries } from './catalog-etcd.ts'
import { mirrorEntries } from './catalog-mirror.ts'
import { roleEntries } from './catalog-roles.ts'

export const catalog = {
  'recovery.daemonset-backoff': {
    remedies: [
      'restart kube-controller-manager: the back-off is kept in its memory only',
      "change the DaemonSet's pod template (kubectl rollout restart daemonset …): a new template begins without a back-off",
      'add a second worker, so that the workload has capacity while the first one waits',
    ],
    upstream: [
      'kubernetes/pkg/controller/daemon/daemon_controller.go: failedPodsBackoff = NewBackOff(1s, 15min)',
      'siderolabs/talos#9870',
    ],
  },
  'recovery.daemonset-stuck': {
    remedies: [
      'look at kube-controller-manager: is it running, does it hold its lease, what does it log of the DaemonSet',
      'look at the pod: kubectl describe names what the kubelet waits for',
    ],
    upstream: ['kubernetes/pkg/controller/daemon/daemon_controller.go: podsShouldBeOnNode'],
  },
  'recovery.controller-manager-down': {
    remedies: [
      'bring kube-controller-manager back: its static pod manifest must stand in /etc/kubernetes/manifests',
      'read its log: journalctl -u kubelet and /var/log/pods/kube-system_kube-controller-manager-*',
    ],
    upstream: ['kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager'],
  },
  'recovery.scheduler-down': {
    remedies: ['bring kube-scheduler back: its static pod manifest must stand in /etc/kubernetes/manifests'],
    upstream: ['kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler'],
  },
  'recovery.node-not-ready': {
    remedies: [
      'look at the kubelet on the node: systemctl status kubelet, journalctl -u kubelet',
      'look at the container runtime and the pod network on the node: both must be up before it is Ready',
    ],
    upstream: ['kubernetes.io/docs/concepts/architecture/nodes/#node-status'],
  },
  'recovery.image-missing': {
    remedies: [
      'put the image on the node again, or let the node reach its registry',
      "set imagePullPolicy: IfNotPresent, so that a restart does not need the registry's answer",
    ],
    upstream: ['kubernetes.io/docs/concepts/containers/images/#imagepullbackoff'],
  },
  'recovery.api-unavailable': {
    remedies: [
      'look at kube-apiserver and etcd on the control plane: crictl ps -a or ctr -n k8s.io containers ls, journalctl -u kubelet',
      'their static pod manifests must stand in /etc/kubernetes/manifests',
    ],
    upstream: ['kubernetes.io/docs/tasks/debug/debug-cluster/#looking-at-logs'],
  },
  'recovery.write-lost': {
    remedies: ['etcd must write to a disk that survives a power cut, with fsync on (no --unsafe-no-fsync)'],
    upstream: ['etcd.io/docs/v3.6/op-guide/hardware/#disks'],
  },
  'recovery.service-gap': {
    remedies: [
      'spread the pods over nodes (topologySpreadConstraints) and let clients retry: endpoints of a lost node stay until it is NotReady',
      'shorten --node-monitor-grace-period where the gap is too long',
    ],
    upstream: ['kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats'],
  },
  'recovery.failed-pods-left': {
    remedies: [
      'drain the node before it is rebooted: kubectl drain --ignore-daemonsets, and pods that tolerate no shutdown',
    ],
    upstream: ['kubernetes.io/docs/tasks/administer-cluster/safely-drain-node'],
  },
  'recovery.shutdown-not-graceful': {
    remedies: [
      'set shutdownGracePeriod and shutdownGracePeriodCriticalPods in the KubeletConfiguration',
      'dbus and systemd-logind must run on the node: systemd-inhibit --list must show the kubelet',
    ],
    upstream: ['kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#graceful-node-shutdown'],
  },
  'recovery.unexplained': {
    remedies: ["read the bundle beside the verdict: objects, events and every component's log"],
    upstream: [],
  },
  ...electionEntries,
  ...etcdEntries,
  ...mirrorEntries,
  ...roleEntries,
} as const satisfies Record<string, CatalogEntry>

export type DiagnosisCode = keyof typeof catalog

/** A diagnosis of this code, with what was seen in this run. */
export function diagnosis(code: DiagnosisCode, summary: string): Diagnosis {
  const { remedies, upstream } = catalog[code]
  return { code, summary, remedies: [...remedies], upstream: [...upstream] }
}
