import type { DiagnosisCode } from './catalog.ts'

/** A failure in the field that clusterproof grew from. Its cause, evidence and remedies are those of its diagnoses. */
export interface FieldFailure {
  /** Its page: `docs/failures/<page>.md`. */
  readonly page: string
  readonly title: string
  /** What was seen in the field, and on what. */
  readonly seen: string
  /** The diagnosis of the failure itself, then those that are near it. */
  readonly diagnoses: readonly [DiagnosisCode, ...DiagnosisCode[]]
  /** What is run in the place of what the field had. */
  readonly standsFor: string
  /** The affected setup and fixed ones: what a scenario comes to on each. */
  readonly setups: readonly Setup[]
  /** What was learned on the way. */
  readonly notes: readonly string[]
}

export interface Setup {
  readonly is: 'affected' | 'fixed'
  readonly what: string
  readonly scenario: string
  readonly comesTo: string
}

const conforms = '`conforms`'

/** In the order of the design. */
export const fieldFailures: readonly FieldFailure[] = [
  {
    page: 'egress-blocked-election',
    title: 'Egress to the API server is blocked, and the election never ends',
    seen:
      'Spegel v0.0.17 on Talos with Cilium. A policy kept its pods from the API server. The lock `spegel-leader-election` ' +
      'never had a holder, no pod became Ready, and all of them crash-looped.',
    diagnoses: [
      'election.api-egress-blocked',
      'election.api-port-mismatch',
      'election.dns-blocked',
      'election.rbac-denied',
      'election.no-holder',
    ],
    standsFor:
      'The real Spegel v0.0.17, and a small elector of this project, on machines made by kubeadm with NetworkPolicy ' +
      'enforced by kube-router. Talos and Cilium are not run.',
    setups: [
      {
        is: 'affected',
        what: 'Spegel v0.0.17 under a NetworkPolicy that forgets the API server',
        scenario: 'election.api-egress-blocked-v0.0.17-policy',
        comesTo: '`violates`, `election.api-egress-blocked`',
      },
      {
        is: 'affected',
        what: 'the same by rules on the nodes, which no object of the API tells of',
        scenario: 'election.api-egress-blocked-v0.0.17-node',
        comesTo: '`violates`, `election.api-egress-blocked`',
      },
      {
        is: 'affected',
        what: "a policy that names the Service's port",
        scenario: 'election.least-privilege-egress-service-port',
        comesTo: '`violates`, `election.api-port-mismatch`',
      },
      {
        is: 'affected',
        what: 'a policy that forgets DNS',
        scenario: 'election.least-privilege-egress-without-dns',
        comesTo: '`violates`, `election.dns-blocked`',
      },
      {
        is: 'affected',
        what: 'no RoleBinding',
        scenario: 'election.rbac-missing',
        comesTo: '`violates`, `election.rbac-denied`',
      },
      {
        is: 'fixed',
        what: 'a policy of exactly what an election takes',
        scenario: 'election.least-privilege-egress-v0.0.17',
        comesTo: conforms,
      },
      {
        is: 'fixed',
        what: 'a lock that is there before anybody wants it, with rights to read and change it alone',
        scenario: 'election.lock-precreated-v0.0.17',
        comesTo: conforms,
      },
      {
        is: 'fixed',
        what: 'Spegel v0.7.4, which elects nobody',
        scenario: 'election.api-egress-blocked-v0.7.4-policy',
        comesTo: conforms,
      },
    ],
    notes: [
      'The summary of the diagnosis names the policy that selects the pod and the port that is missing, or says that no ' +
        'policy forbids it.',
      'Containers are restarted in place for it: a new pod may send packets before the rules of its policy are there.',
    ],
  },
  {
    page: 'stale-mirror-leader',
    title: 'The first mirror goes on to think that it leads, and newcomers cannot pull from it',
    seen:
      'Spegel v0.0.14 on k3s v1.25. A second node joined; the first instance logged "leader is self skipping connection to ' +
      'bootstrap node" and went on to, and the new node could not pull from its neighbour. Every pod was Ready all the while.',
    diagnoses: ['mirror.stale-leader', 'mirror.no-peer', 'mirror.not-resolved'],
    standsFor:
      'The real Spegel v0.0.14 on machines made by kubeadm. A join alone does not bring it about: a renewal of the lock ' +
      'must be lost, so the first instance is kept from the API until another leads, and then the second one is replaced. ' +
      'k3s is not run.',
    setups: [
      {
        is: 'affected',
        what: 'Spegel v0.0.14, a renewal of whose lock was lost',
        scenario: 'mirror.stale-leader-v0.0.14',
        comesTo: '`violates`, `mirror.stale-leader`',
      },
      {
        is: 'fixed',
        what: 'Spegel v0.0.14, no renewal of whose lock was lost',
        scenario: 'mirror.scale-out-v0.0.14',
        comesTo: conforms,
      },
      { is: 'fixed', what: 'Spegel v0.7.4', scenario: 'mirror.stale-leader-v0.7.4', comesTo: conforms },
      {
        is: 'fixed',
        what: "k3s' embedded registry",
        scenario: 'mirror.embedded',
        comesTo: '`skipped` where the image of k3s cannot be had; not run so far',
      },
    ],
    notes: [
      'The line in the log is normal on the true holder, and only there: an instance is blamed where it says so after ' +
        'another took the lock.',
      'The scenario restarts the DaemonSet in the end and measures until the second machine has its image from the first.',
    ],
  },
  {
    page: 'late-metadata-member-name',
    title: 'Metadata come late, and etcd has joined under a name that was made up',
    seen:
      'Talos v1.9.1 on Hetzner Cloud. The metadata service could not be reached at boot, so the machine made a host name up ' +
      'and etcd joined under it. The real name came later, and the control plane never got healthy.',
    diagnoses: [
      'identity.member-name-mismatch',
      'identity.duplicate-member',
      'identity.duplicate-node',
      'identity.certificate-name',
      'identity.node-not-ready',
    ],
    standsFor:
      'An emulation in containers: machines that ask a metadata service at boot, made by kubeadm, with etcd beside the API ' +
      'server or on a machine of its own. Neither Talos nor Hetzner Cloud is run.',
    setups: [
      {
        is: 'affected',
        what: 'a name that is made up after 3 s, metadata after 5 s (`stacked-fallback-5s`, `apart-fallback-5s`)',
        scenario: 'identity.metadata-late',
        comesTo: '`violates`, `identity.member-name-mismatch`',
      },
      {
        is: 'affected',
        what: 'the same machines, told another name at their second boot (`apart-fallback-0s`)',
        scenario: 'identity.rename-attempt',
        comesTo: '`violates`, `identity.member-name-mismatch`',
      },
      {
        is: 'fixed',
        what: 'a static host name (`stacked-static-5s`, `apart-static-5s`)',
        scenario: 'identity.metadata-late',
        comesTo: conforms,
      },
      {
        is: 'fixed',
        what: 'a boot that waits for metadata (`stacked-waits-5s`, `apart-waits-5s`)',
        scenario: 'identity.metadata-late',
        comesTo: conforms,
      },
    ],
    notes: [
      'Members are followed by their id: a name may be empty for a moment after a restart.',
      'At the end of `recovery/`, `roles/` and `join/`, `identity.member-consistency` looks back on what names members have had.',
    ],
  },
  {
    page: 'role-blind-check',
    title: 'A check that knows no roles fails on a machine of etcd alone',
    seen:
      'Kubespray with etcd on hosts of its own, and Cilium. There is no container engine and nothing of Kubernetes on such a ' +
      'host; a health check that called nerdctl there failed with "No such file or directory".',
    diagnoses: ['roles.unexpected-tooling', 'roles.missing-tooling', 'roles.unhealthy-member'],
    standsFor:
      'Machines like those of `etcd_deployment_type: host`, made by kubeadm: three of etcd alone, a control plane, two ' +
      'workers. Kubespray and Cilium are not run.',
    setups: [
      {
        is: 'affected',
        what: 'a check that expects a container engine, a kubelet and a Node on every machine',
        scenario: 'roles.inventory-role-blind',
        comesTo: '`violates`, `roles.unexpected-tooling`',
      },
      {
        is: 'fixed',
        what: 'a check that knows what each role must have and must not have',
        scenario: 'roles.inventory',
        comesTo: conforms,
      },
      {
        is: 'fixed',
        what: 'health by role, while a member, a worker and a control plane are struck in turn',
        scenario: 'roles.health',
        comesTo: conforms,
      },
    ],
    notes: [
      'What each role must have and must not have is one table: ' +
        '[role-expectations.ts](../../harness/probes/role-expectations.ts).',
    ],
  },
  {
    page: 'daemonset-backoff-after-reboots',
    title: 'Frequent reboots leave DaemonSet pods Failed, for longer each time',
    seen:
      'Talos, whose nodes were rebooted often and gracefully. DaemonSet pods stayed Failed (`DisruptionTarget`, `Terminated`, ' +
      '`NodeShutdown`), and kube-proxy stayed at 3 of 4 for minutes after the node was Ready.',
    diagnoses: ['recovery.daemonset-backoff', 'recovery.daemonset-stuck', 'recovery.shutdown-not-graceful'],
    standsFor:
      'A worker of a kind cluster with the shutdown grace of Talos (30 s, 10 s of it for critical pods), rebooted in a row ' +
      'by `systemctl reboot`. Every Kubernetes with that controller is affected. Talos is not run.',
    setups: [
      {
        is: 'affected',
        what: 'up to five reboots in a row; DaemonSet pods must be Ready 60 s after the node',
        scenario: 'recovery.reboot-storm',
        comesTo: '`violates`, `recovery.daemonset-backoff`',
      },
      {
        is: 'fixed',
        what: 'the same, then kube-controller-manager is restarted',
        scenario: 'recovery.remedy.restart-controller-manager',
        comesTo: conforms,
      },
      {
        is: 'fixed',
        what: 'the same, then the pod template is changed',
        scenario: 'recovery.remedy.change-pod-template',
        comesTo: conforms,
      },
      {
        is: 'fixed',
        what: 'the same, then a second worker takes the workload',
        scenario: 'recovery.remedy.second-worker',
        comesTo: conforms,
      },
      { is: 'fixed', what: 'a single reboot', scenario: 'recovery.daemonset-after-reboot', comesTo: conforms },
    ],
    notes: [
      'Without a remedy kube-proxy was back 126.4 s after its node was Ready; 124.7 s were predicted.',
      'A failed pod in back-off waits the whole delay anew, not the rest of it: the controller calls ' +
        '`enqueueDaemonSetAfter(ds, delay)`. With a delay of 8 s, a pod that failed 5.5 s after the last deletion was deleted ' +
        '8.0 s after its failure, not 2.5 s. Another event of the DaemonSet makes it look sooner.',
      'One graceful reboot fails several pods of a DaemonSet: the one that ran (`Terminated`) and replacements, which the ' +
        'kubelet refuses (`NodeShutdown`). In nearly every reboot these were two to four of kube-proxy; where a back-off held ' +
        'the replacement up, one. In three of four storms the third reboot led to 64 s, in one to 32 s.',
      'A DaemonSet that does not tolerate `node.kubernetes.io/not-ready:NoSchedule` cannot fail twice in one reboot: its ' +
        'replacement was created 14 ms after the node was Ready. kube-proxy and many node agents tolerate every taint.',
    ],
  },
]
