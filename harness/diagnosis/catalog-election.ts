import type { CatalogEntry } from './catalog-entry.ts'

const policies = 'kubernetes.io/docs/concepts/services-networking/network-policies'
const election = 'k8s.io/client-go/tools/leaderelection'

const candidatesLog = {
  command: 'kubectl -n <namespace> logs <pod> --previous | grep "error retrieving resource lock"',
  shows: "the candidate's own error: dial, lookup, or forbidden",
}

/** What keeps pods from electing one of themselves, and from keeping to their election. */
export const electionEntries = {
  'election.api-egress-blocked': {
    meaning:
      'A candidate cannot reach the API server: a policy, or rules of a node or of the network, drop its packets.',
    cause:
      'A leader election writes a lock, a Lease or a ConfigMap, through the API server. A pod whose egress is limited and ' +
      'does not allow the API server cannot read that lock: nobody ever leads. Where its health waits for the first leader ' +
      '(Spegel up to v0.0.28), it is never Ready, its startup probe ends it, and it crash-loops. Policies are enforced ' +
      "after the Service's address (443) was replaced by an endpoint's (usually 6443), so that both must be thought of.",
    evidence: [
      candidatesLog,
      {
        command: 'kubectl -n <namespace> get networkpolicies -o yaml',
        shows: 'which policy selects the pod, with which egress',
      },
      {
        command: 'kubectl get endpointslices -l kubernetes.io/service-name=kubernetes',
        shows: 'the addresses and the port to allow',
      },
      { command: 'kubectl -n <namespace> get lease,configmap', shows: 'a lock without a holder, or none' },
      { command: 'nft list ruleset', shows: 'on the node: rules that drop, where no policy explains it' },
    ],
    remedies: [
      {
        text: "let the pods reach the API server: egress to the addresses and port of the Service kubernetes' endpoints (kubectl get endpointslices kubernetes), TCP, usually 6443",
        measured: {
          effect:
            'opened again, without hands: an elector is Ready after 2.0 s, Spegel v0.0.17 after 91 s. Under a policy of just that and DNS they were elected 3.8 s and 5.0 s after ' +
            'their containers were started anew',
          by: 'election.api-egress-blocked-elector, election.api-egress-blocked-v0.0.17-policy, election.least-privilege-egress, -v0.0.17',
        },
      },
      { text: 'with Cilium name the entity: toEntities: [kube-apiserver]' },
      {
        text: 'use a version that needs no election where there is one (Spegel from v0.0.29 on finds its peers by DNS)',
        measured: {
          effect:
            'Spegel v0.7.4 conforms with its way to the API server blocked: 6 of 6, where v0.0.17 violates 6 of 6',
          by: 'election.api-egress-blocked-v0.7.4-policy, -v0.7.4-node',
        },
      },
    ],
    upstream: ['spegel-org/spegel#339', policies, `${election}/leaderelection.go: error retrieving resource lock`],
  },
  'election.api-port-mismatch': {
    meaning:
      "A candidate cannot reach the API server: the policy allows the Service's port (443) in place of the endpoints' (6443).",
    cause:
      "The policy was written for what the program dials: the Service kubernetes, port 443. kube-proxy replaces the Service's " +
      "address and port by an endpoint's before the packet leaves the node, and NetworkPolicy as most networks enforce it " +
      'sees the packet after that: to port 6443, which the policy does not allow.',
    evidence: [
      candidatesLog,
      { command: 'kubectl get service,endpointslices -n default', shows: '443 of the Service, 6443 of its endpoints' },
      {
        command: 'kubectl -n <namespace> get networkpolicies -o yaml | grep -B3 -A3 "port:"',
        shows: 'egress to 443 alone',
      },
    ],
    remedies: [
      {
        text: "allow the endpoint's port, not the Service's: policies are enforced after the Service's address was replaced by an endpoint's (443 became 6443)",
        measured: {
          effect: 'the same policy with 6443 in place of 443: elected after 3.8 s; with 443: never',
          by: 'election.least-privilege-egress, election.least-privilege-egress-service-port',
        },
      },
    ],
    upstream: [
      `${policies}/#the-ipblock-selector: the relationship between policies and Services' rewriting is undefined`,
      'spegel-org/spegel#339',
    ],
  },
  'election.dns-blocked': {
    meaning: "A candidate cannot look the API server's name up.",
    cause:
      'The policy allows the API server and forgets names: the program asks for kubernetes.default.svc, its question to ' +
      'CoreDNS is dropped, and it never comes to dial. A client of client-go inside a cluster needs no name; one with a ' +
      'kubeconfig or a flag of its own does.',
    evidence: [
      { ...candidatesLog, shows: '"lookup kubernetes.default.svc … i/o timeout" or "no such host"' },
      {
        command: 'kubectl -n <namespace> get networkpolicies -o yaml | grep -A3 "port: 53"',
        shows: 'nothing: no rule allows port 53',
      },
      { command: 'kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide', shows: 'whether CoreDNS runs at all' },
    ],
    remedies: [
      {
        text: 'allow DNS beside the API server: egress to the pods of kube-dns in kube-system, UDP and TCP 53',
        measured: {
          effect: 'the same policy with DNS: elected after 3.8 s; without: never',
          by: 'election.least-privilege-egress, election.least-privilege-egress-without-dns',
        },
      },
      {
        text: 'or give the program the address that every pod has in KUBERNETES_SERVICE_HOST, which needs no DNS',
      },
    ],
    upstream: [policies, 'kubernetes.io/docs/concepts/services-networking/dns-pod-service'],
  },
  'election.rbac-denied': {
    meaning: 'A candidate may not read or write its lock.',
    cause:
      'The candidate reaches the API server and is told no: its ServiceAccount has no Role that lets it get, create or update ' +
      'the lock. A lock that is created beforehand needs no right to create; a lock of two objects (a Lease and a ConfigMap) ' +
      'needs rights on both.',
    evidence: [
      { ...candidatesLog, shows: '"… is forbidden: User "system:serviceaccount:…" cannot get resource …"' },
      {
        command:
          'kubectl auth can-i get leases -n <namespace> --as system:serviceaccount:<namespace>:<service account>',
        shows: 'no',
      },
      { command: 'kubectl -n <namespace> get roles,rolebindings -o wide', shows: 'which Role is bound to whom' },
    ],
    remedies: [
      {
        text: 'bind a Role to the ServiceAccount: get, create and update on leases (coordination.k8s.io), and on configmaps where the lock is one too',
      },
      {
        text: 'or create the lock beforehand: then get and update suffice (kubectl auth can-i --as system:serviceaccount:… tells)',
        measured: {
          effect: 'conforms with get and update on a lock that is there: an elector, and Spegel v0.0.17',
          by: 'election.lock-precreated, election.lock-precreated-v0.0.17',
        },
      },
    ],
    upstream: [`${election}/resourcelock`, 'kubernetes.io/docs/reference/access-authn-authz/rbac'],
  },
  'election.no-holder': {
    meaning: 'Nobody holds the lock, or took it too late, and no candidate has said what kept it.',
    cause:
      "Nothing keeps the candidates from the lock that they would complain of: they wait for another's lease to run out, they " +
      'have not begun to try, or a holder that nobody knows (a stranger, a pod that is gone) renews it. A lease that its ' +
      'holder did not give back is waited out in full, counted from when a candidate last saw it change.',
    evidence: [
      { command: 'kubectl get leases -A', shows: "the lock's holder, and its age" },
      {
        command: 'kubectl -n <namespace> get lease <lock> -o jsonpath={.spec}',
        shows: 'holderIdentity, renewTime and leaseDurationSeconds: who could take it, and when',
      },
      {
        command: 'kubectl -n <namespace> logs <pod> | grep -i leader',
        shows: '"attempting to acquire leader lease", or nothing',
      },
    ],
    remedies: [
      {
        text: "read the candidates' logs in the bundle: without an error of the lock none of them has tried, or all wait for a lease that has not run out",
      },
      { text: 'look at the lock: kubectl get leases -A; its holder, renewTime and leaseDurationSeconds' },
    ],
    upstream: [election],
  },
  'election.two-holders': {
    meaning: 'A holder began, or acted, before another was over.',
    cause:
      'A lease tells candidates when they may take over, and nobody that its holder has stopped: one that is cut off must ' +
      'stop by itself once it could not renew for its renew deadline, which is shorter than the lease. Where it does not, or ' +
      'where the lock is deleted or taken by force, two act at the same time. The package itself gives no more than that.',
    evidence: [
      {
        command: 'kubectl -n <namespace> get lease <lock> -o yaml -w',
        shows: 'each change of holderIdentity and of leaseTransitions',
      },
      {
        command: 'kubectl -n <namespace> logs -l <selector> --prefix --timestamps | grep -i leader',
        shows: 'one that goes on after another has begun',
      },
    ],
    remedies: [
      {
        text: 'a holder must stop when it could not renew for the renew deadline: end the process in OnStoppedLeading, as the control plane does',
        measured: {
          effect:
            'an elector that does so, cut off while it led: 6.1 s lay between its last work and the first of its successor',
          by: 'election.leader-partitioned',
        },
      },
      {
        text: 'the renew deadline must be shorter than the lease, and clocks may run differently fast, but not much',
      },
    ],
    upstream: [`${election}: the package does not guarantee that only one client is acting as a leader (fencing)`],
  },
  'election.pods-not-running': {
    meaning: 'There are no candidates, they do not run, or they ended by themselves.',
    cause:
      'An election needs candidates that run. Theirs are missing, wait for something that the kubelet cannot give them (an ' +
      'image, a volume, a socket), or end for a reason of their own.',
    evidence: [
      { command: 'kubectl -n <namespace> get pods -o wide', shows: 'no pods, or their state and restarts' },
      {
        command: 'kubectl -n <namespace> describe pod <pod>',
        shows: 'what the kubelet waits for, and which probe ended it',
      },
      { command: 'kubectl -n <namespace> logs <pod> --previous', shows: 'its last words' },
    ],
    remedies: [
      {
        text: 'look at the pods: kubectl describe names what the kubelet waits for, their previous logs why they ended',
      },
    ],
    upstream: ['kubernetes.io/docs/tasks/debug/debug-application/debug-pods'],
  },
} as const satisfies Record<string, CatalogEntry>
