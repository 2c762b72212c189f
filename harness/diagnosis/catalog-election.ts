import type { CatalogEntry } from './catalog-entry.ts'

const policies = 'kubernetes.io/docs/concepts/services-networking/network-policies'
const election = 'k8s.io/client-go/tools/leaderelection'

/** What keeps pods from electing one of themselves, and from keeping to their election. */
export const electionEntries = {
  'election.api-egress-blocked': {
    remedies: [
      "let the pods reach the API server: egress to the addresses and port of the Service kubernetes' endpoints (kubectl get endpointslices kubernetes), TCP, usually 6443",
      'with Cilium name the entity: toEntities: [kube-apiserver]',
      'use a version that needs no election where there is one (Spegel from v0.0.29 on finds its peers by DNS)',
    ],
    upstream: ['spegel-org/spegel#339', policies, `${election}/leaderelection.go: error retrieving resource lock`],
  },
  'election.api-port-mismatch': {
    remedies: [
      "allow the endpoint's port, not the Service's: policies are enforced after the Service's address was replaced by an endpoint's (443 became 6443)",
    ],
    upstream: [
      `${policies}/#the-ipblock-selector: the relationship between policies and Services' rewriting is undefined`,
      'spegel-org/spegel#339',
    ],
  },
  'election.dns-blocked': {
    remedies: [
      'allow DNS beside the API server: egress to the pods of kube-dns in kube-system, UDP and TCP 53',
      'or give the program the address that every pod has in KUBERNETES_SERVICE_HOST, which needs no DNS',
    ],
    upstream: [policies, 'kubernetes.io/docs/concepts/services-networking/dns-pod-service'],
  },
  'election.rbac-denied': {
    remedies: [
      'bind a Role to the ServiceAccount: get, create and update on leases (coordination.k8s.io), and on configmaps where the lock is one too',
      'or create the lock beforehand: then get and update suffice (kubectl auth can-i --as system:serviceaccount:… tells)',
    ],
    upstream: [`${election}/resourcelock`, 'kubernetes.io/docs/reference/access-authn-authz/rbac'],
  },
  'election.no-holder': {
    remedies: [
      "read the candidates' logs in the bundle: without an error of the lock none of them has tried, or all wait for a lease that has not run out",
      'look at the lock: kubectl get leases -A; its holder, renewTime and leaseDurationSeconds',
    ],
    upstream: [election],
  },
  'election.two-holders': {
    remedies: [
      'a holder must stop when it could not renew for the renew deadline: end the process in OnStoppedLeading, as the control plane does',
      'the renew deadline must be shorter than the lease, and clocks may run differently fast, but not much',
    ],
    upstream: [`${election}: the package does not guarantee that only one client is acting as a leader (fencing)`],
  },
  'election.pods-not-running': {
    remedies: [
      'look at the pods: kubectl describe names what the kubelet waits for, their previous logs why they ended',
    ],
    upstream: ['kubernetes.io/docs/tasks/debug/debug-application/debug-pods'],
  },
} as const satisfies Record<string, CatalogEntry>
