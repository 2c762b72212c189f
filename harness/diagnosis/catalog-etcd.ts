import type { CatalogEntry } from './catalog-entry.ts'

const recovery = 'etcd.io/docs/v3.6/op-guide/recovery'
const reconfiguration = 'etcd.io/docs/v3.6/op-guide/runtime-configuration'
const guarantees = 'etcd.io/docs/v3.6/learning/api_guarantees'
const failures = 'etcd.io/docs/v3.6/op-guide/failures'

/** What goes wrong with etcd as the store of a cluster, and with machines that join one. */
export const etcdEntries = {
  'etcd.quorum-lost': {
    remedies: [
      'bring a majority of the members back: start etcd on the machines named here; data that is on their disks is not lost',
      'where a majority is gone for good, restore a snapshot (etcdutl snapshot restore) into a new cluster: members cannot be replaced without quorum',
      'spread an odd number of members over failure domains, so that no single one takes a majority',
    ],
    upstream: [failures, recovery, `${reconfiguration}/#restart-cluster-from-majority-failure`],
  },
  'etcd.member-down': {
    remedies: [
      'look at etcd on the machine: systemctl status etcd, journalctl -u etcd',
      'while it is down one more failure may take the quorum; where its disk is lost, remove the member, then add it anew',
    ],
    upstream: [`${failures}/#minor-followers-failure`, `${reconfiguration}/#replace-a-failed-machine`],
  },
  'etcd.write-lost': {
    remedies: [
      'etcd must write to a disk that survives a power cut, with fsync on (no --unsafe-no-fsync), and a member must never come back with an older data directory',
      'compare the members: etcdctl endpoint hashkv, and turn --experimental-initial-corrupt-check on (etcd 3.6: the feature gate InitialCorruptCheck)',
    ],
    upstream: [`${guarantees}/#durability`, 'etcd.io/docs/v3.6/op-guide/data_corruption'],
  },
  'etcd.write-reordered': {
    remedies: [
      'compare the members (etcdctl endpoint hashkv): one that differs has to be removed and added anew with an empty data directory',
      'read with quorum: a list with resourceVersion=0 comes from a cache and may be older than one before it',
    ],
    upstream: [
      `${guarantees}/#strict-serializability`,
      'kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list',
    ],
  },
  'etcd.unavailable': {
    remedies: [
      'give kube-apiserver every member (--etcd-servers), so that it has another one when its own stops',
      'shut a member down in order where that is possible: a leader that is stopped hands its office over, one that is killed leaves writes to time out',
      'look for slow disks and starved processors: etcd_disk_wal_fsync_duration_seconds, etcd_server_leader_changes_seen_total',
    ],
    upstream: [`${failures}/#leader-failure`, 'etcd.io/docs/v3.6/tuning'],
  },
  'etcd.slow-failure': {
    remedies: [
      'give requests a deadline of their own (timeout= in the query, a context in client-go): kube-apiserver waits up to 34 s for a write',
      'take the control plane out of its load balancer by /readyz, which fails 2 s after etcd has stopped answering',
    ],
    upstream: [
      'k8s.io/apiserver/pkg/endpoints/handlers/rest.go: requestTimeoutUpperBound',
      'etcd server/config/config.go: ReqTimeout',
      'kubernetes.io/docs/reference/using-api/health-checks',
    ],
  },
  'join.node-not-ready': {
    remedies: [
      'look at the new machine: journalctl -u kubelet, and whether its bootstrap token was still valid',
      'look for a certificate request that nobody approved: kubectl get csr',
      'look at the pod network on the new machine: a node without it is not Ready',
    ],
    upstream: [
      'kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join',
      'kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping',
    ],
  },
  'join.disturbed': {
    remedies: [
      'let a machine leave in order: drain it, delete its Node, and see to finalizers that keep the Node',
      'add members of etcd as learners and promote them once they have caught up: a voter that has not started counts against the quorum at once',
      'add one member at a time; a member that never started must be removed before the next one is added',
    ],
    upstream: ['etcd.io/docs/v3.6/learning/design-learner', `${reconfiguration}/#add-a-new-member`],
  },
} as const satisfies Record<string, CatalogEntry>
