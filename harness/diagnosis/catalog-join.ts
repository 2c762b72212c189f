import type { CatalogEntry } from './catalog-entry.ts'

/** What goes wrong with machines that join a cluster or leave it. */
export const joinEntries = {
  'join.node-not-ready': {
    meaning: 'A machine that joined is not a Ready Node with its pods in time.',
    cause:
      'A machine that joins has to fetch a certificate with its bootstrap token, register its Node, and get the configuration ' +
      'of the pod network from a DaemonSet pod that is the first to run on it. A token that has run out, a request that ' +
      'nobody approves, or a network without its configuration each stop it there.',
    evidence: [
      { command: 'kubectl get nodes -o wide', shows: 'whether it has registered, and is NotReady' },
      {
        command: 'journalctl -u kubelet',
        shows: 'on the new machine: errors of the token, the certificate, the network',
      },
      { command: 'kubectl get csr', shows: 'a request of it that is Pending' },
      { command: 'kubeadm token list', shows: 'on a control plane: tokens, and when they run out' },
      {
        command: 'kubectl get pods -A -o wide --field-selector spec.nodeName=<node>',
        shows: 'the pod of the network, and what it waits for',
      },
    ],
    remedies: [
      { text: 'look at the new machine: journalctl -u kubelet, and whether its bootstrap token was still valid' },
      { text: 'look for a certificate request that nobody approved: kubectl get csr' },
      { text: 'look at the pod network on the new machine: a node without it is not Ready' },
    ],
    upstream: [
      'kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join',
      'kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping',
    ],
  },
  'join.disturbed': {
    meaning: 'A machine that was there before ceased to be Ready, or something of one that left is still there.',
    cause:
      'A machine that comes or goes must cost the others nothing. A member of etcd that is added as a voter counts against ' +
      'the quorum before it has started; a machine that leaves without a drain takes its pods with it; a Node with a ' +
      'finalizer stays in the API without a machine behind it, and its pods with it.',
    evidence: [
      { command: 'kubectl get nodes -o wide', shows: 'a Node that is NotReady, or that no machine stands behind' },
      {
        command: 'kubectl get node <node> -o jsonpath={.metadata.deletionTimestamp}{.metadata.finalizers}',
        shows: 'a Node that a finalizer keeps',
      },
      { command: 'etcdctl member list -w table', shows: 'a member that is unstarted, or of a machine that has left' },
    ],
    remedies: [
      {
        text: 'let a machine leave in order: drain it, delete its Node, and see to finalizers that keep the Node',
        measured: { effect: 'a worker had left, with its Node and its pods, after 6.5 s', by: 'leave.worker' },
      },
      {
        text: 'add members of etcd as learners and promote them once they have caught up: a voter that has not started counts against the quorum at once',
        measured: {
          effect: 'a new machine of etcd alone had its vote after 5.0 s, and nobody ceased to be Ready',
          by: 'join.etcd',
        },
      },
      {
        text: 'add one member at a time; a member that never started must be removed before the next one is added',
      },
    ],
    upstream: [
      'etcd.io/docs/v3.6/learning/design-learner',
      'etcd.io/docs/v3.6/op-guide/runtime-configuration/#add-a-new-member',
    ],
  },
} as const satisfies Record<string, CatalogEntry>
