import type { CatalogEntry } from './catalog-entry.ts'

const recovery = 'etcd.io/docs/v3.6/op-guide/recovery'
const reconfiguration = 'etcd.io/docs/v3.6/op-guide/runtime-configuration'
const guarantees = 'etcd.io/docs/v3.6/learning/api_guarantees'
const failures = 'etcd.io/docs/v3.6/op-guide/failures'

const status = 'etcdctl endpoint status --cluster -w table'

/** What goes wrong with etcd as the store of a cluster. */
export const etcdEntries = {
  'etcd.quorum-lost': {
    meaning: 'No majority of the members agrees on a leader; the summary names those that do not answer.',
    cause:
      'etcd acknowledges a write once a majority of its members has it: of three two, of five three. With fewer there is no ' +
      'leader and no write, and reads that need the latest state wait. The API server above it answers with errors, and its ' +
      'kubelet ends it on its liveness probe after a while, so that recovery has a second outage.',
    evidence: [
      { command: 'etcdctl endpoint health --cluster', shows: 'which members do not answer' },
      { command: status, shows: 'no member that leads, or members of different terms' },
      { command: 'systemctl status etcd', shows: 'on each machine of etcd: whether it runs' },
      {
        command: 'journalctl -u etcd | grep -E "lost leader|elected leader|no leader"',
        shows: 'on such a machine: when it was lost',
      },
    ],
    remedies: [
      {
        text: 'bring a majority of the members back: start etcd on the machines named here; data that is on their disks is not lost',
        measured: {
          effect: 'two of three started again: a write was acknowledged after 0.5 s, none was lost',
          by: 'roles.etcd-quorum-lost',
        },
      },
      {
        text: 'where a majority is gone for good, restore a snapshot (etcdutl snapshot restore) into a new cluster: members cannot be replaced without quorum',
        measured: {
          effect: 'three members whose data were deleted: 1.4 MB restored in 0.5 s, served by the API after 3.9 s',
          by: 'roles.snapshot-restore',
        },
      },
      {
        text: 'spread an odd number of members over failure domains, so that no single one takes a majority',
      },
    ],
    upstream: [failures, recovery, `${reconfiguration}/#restart-cluster-from-majority-failure`],
  },
  'etcd.member-down': {
    meaning: 'A member does not answer, or did not get its vote; a quorum is left.',
    cause:
      'One member is away and the others go on: nothing above etcd breaks by that alone. What is lost is the reserve: of three, ' +
      'one more takes the quorum. A new member that stays a learner, or was never started, counts for nothing or against it.',
    evidence: [
      { command: 'etcdctl endpoint health --cluster', shows: 'which member does not answer' },
      { command: 'etcdctl member list -w table', shows: 'a member that is unstarted, or still a learner' },
      { command: 'journalctl -u etcd', shows: 'on its machine: why it ended, or whom it cannot reach' },
    ],
    remedies: [
      { text: 'look at etcd on the machine: systemctl status etcd, journalctl -u etcd' },
      {
        text: 'while it is down one more failure may take the quorum; where its disk is lost, remove the member, then add it anew',
        measured: {
          effect:
            'a leader was removed with its machine in 1.6 s, and its successor had its vote after 2.8 s; the longest gap ' +
            'between two writes was 2.2 s',
          by: 'roles.etcd-member-replaced',
        },
      },
    ],
    upstream: [`${failures}/#minor-followers-failure`, `${reconfiguration}/#replace-a-failed-machine`],
  },
  'etcd.certificate-refused': {
    meaning: 'Members of etcd run, and show a certificate that is not taken.',
    cause:
      "etcd's clients and peers take only certificates of the cluster's own authority that are valid now and name the machine. " +
      'A member whose certificate has run out, or was made by another authority, runs and can be asked by nobody: with a ' +
      'majority of them the quorum is gone for the API server, whatever the members think of each other.',
    evidence: [
      { command: 'etcdctl endpoint health --cluster', shows: 'the errors of TLS, by member' },
      {
        command: 'openssl verify -CAfile /etc/kubernetes/pki/etcd/ca.crt /etc/kubernetes/pki/etcd/server.crt',
        shows: 'on such a machine: by whom it is signed, and whether it has expired',
      },
      { command: "journalctl -u etcd | grep -iE 'certificate|tls'", shows: 'on such a machine: who was refused' },
    ],
    remedies: [
      { text: "have the member's certificates made anew by the cluster's own authority, and restart it" },
      { text: 'renew them before they run out: kubeadm certs check-expiration lists them' },
    ],
    upstream: ['etcd.io/docs/v3.6/op-guide/security'],
  },
  'etcd.write-lost': {
    meaning:
      'A write that was acknowledged is gone, or was not seen by a read after it; or the API does not serve what a snapshot had.',
    cause:
      'An acknowledged write is on the disk of a majority of the members, and every later majority has one of those. That it ' +
      'is gone means that a disk lied about fsync, that etcd was told not to wait for it, that a member came back with older ' +
      'data, or that somebody restored an older state.',
    evidence: [
      {
        command: 'etcdctl endpoint hashkv --cluster -w table',
        shows: 'members whose data differ at the same revision',
      },
      { command: status, shows: 'a member whose raft index is behind, and stays so' },
      {
        command: 'systemctl cat etcd',
        shows: 'on each machine: flags such as --unsafe-no-fsync, another data directory',
      },
    ],
    remedies: [
      {
        text: 'etcd must write to a disk that survives a power cut, with fsync on (no --unsafe-no-fsync), and a member must never come back with an older data directory',
      },
      {
        text: 'compare the members: etcdctl endpoint hashkv, and turn --experimental-initial-corrupt-check on (etcd 3.6: the feature gate InitialCorruptCheck)',
      },
    ],
    upstream: [`${guarantees}/#durability`, 'etcd.io/docs/v3.6/op-guide/data_corruption'],
  },
  'etcd.write-reordered': {
    meaning: 'An acknowledged write is there twice or out of order.',
    cause:
      'Writes have one order, that of their revisions, and a reader must see them in it. Two orders mean two histories: members ' +
      'whose data differ, or reads from a cache that is older than one that was asked before.',
    evidence: [
      {
        command: 'etcdctl endpoint hashkv --cluster -w table',
        shows: 'members whose data differ at the same revision',
      },
      {
        command: 'kubectl get --raw "/api/v1/namespaces/<namespace>/configmaps?resourceVersion=0"',
        shows: 'an older list than the one without it',
      },
    ],
    remedies: [
      {
        text: 'compare the members (etcdctl endpoint hashkv): one that differs has to be removed and added anew with an empty data directory',
      },
      {
        text: 'read with quorum: a list with resourceVersion=0 comes from a cache and may be older than one before it',
      },
    ],
    upstream: [
      `${guarantees}/#strict-serializability`,
      'kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list',
    ],
  },
  'etcd.unavailable': {
    meaning: 'No write was acknowledged, or no read answered, for longer than the budget.',
    cause:
      'While members change their leader, nobody answers: an election takes about a second, a request that was under way at ' +
      'a leader that died takes its own time-out, and an API server that knows one member only waits for that one. A gap that ' +
      'is longer than that has another cause, such as disks or processors that do not keep up.',
    evidence: [
      { command: status, shows: 'the leader and its term: how often it has changed' },
      {
        command: 'journalctl -u etcd | grep -E "slow fdatasync|took too long|elected leader"',
        shows: 'on machines of etcd: slow disks, elections',
      },
      {
        command: 'kubectl -n kube-system get pod -l component=kube-apiserver -o yaml | grep etcd-servers',
        shows: 'whether it knows every member',
      },
    ],
    remedies: [
      {
        text: 'give kube-apiserver every member (--etcd-servers), so that it has another one when its own stops',
        measured: {
          effect:
            'with all three, a follower stopped and then the power of the leader cut: no write for 2.3 s, no read for 1.0 s',
          by: 'roles.etcd-one-down',
        },
      },
      {
        text: 'shut a member down in order where that is possible: a leader that is stopped hands its office over, one that is killed leaves writes to time out',
        measured: {
          effect:
            'longest gap between two writes: 0.09 s where one of three was stopped in order, 7.1 s where the leader was killed',
          by: 'an experiment by hand, before there was a scenario of it',
        },
      },
      {
        text: 'look for slow disks and starved processors: etcd_disk_wal_fsync_duration_seconds, etcd_server_leader_changes_seen_total',
      },
    ],
    upstream: [`${failures}/#leader-failure`, 'etcd.io/docs/v3.6/tuning'],
  },
  'etcd.slow-failure': {
    meaning: 'Without quorum a write hung, or was acknowledged.',
    cause:
      'Without a quorum a write cannot succeed, and a client should learn that soon. etcd gives up after about 7 s, the API ' +
      'server after 34 s at most (its own limit for a request). A write that takes longer hangs on something else; one that ' +
      'is acknowledged was not asked of that etcd.',
    evidence: [
      {
        command: 'time kubectl create configmap probe-$RANDOM --request-timeout=60s',
        shows:
          'how long a write takes to be refused, and by whom (etcdserver: request timed out; context deadline exceeded)',
      },
      { command: 'curl -k https://<control plane>:6443/readyz?verbose', shows: 'etcd failed' },
    ],
    remedies: [
      {
        text: 'give requests a deadline of their own (timeout= in the query, a context in client-go): kube-apiserver waits up to 34 s for a write',
        measured: {
          effect: 'a write without quorum was refused after 7.0 s; 35 s are allowed',
          by: 'roles.etcd-quorum-lost',
        },
      },
      {
        text: 'take the control plane out of its load balancer by /readyz, which fails 2 s after etcd has stopped answering',
      },
    ],
    upstream: [
      'k8s.io/apiserver/pkg/endpoints/handlers/rest.go: requestTimeoutUpperBound',
      'etcd server/config/config.go: ReqTimeout',
      'kubernetes.io/docs/reference/using-api/health-checks',
    ],
  },
} as const satisfies Record<string, CatalogEntry>
