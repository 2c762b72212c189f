import type { CatalogEntry } from './catalog-entry.ts'

const talosIdentity = ['siderolabs/talos#10105', 'siderolabs/talos#5834']

const members = 'etcdctl member list -w table'

/** What goes wrong with the names of machines. */
export const identityEntries = {
  'identity.member-name-mismatch': {
    meaning: 'A member of etcd has, or had, another name than its machine; the summary has both.',
    cause:
      'A machine that takes its name from a metadata service, and makes one up where none comes in time, starts etcd under ' +
      'that name: "a host name is there" is true of the one that was made up. When the real one comes, the member list, the ' +
      'certificates and the data directory have the old name, the kubelet registers a Node under the new one, and the ' +
      'control plane never gets healthy. The same comes about at a later boot, where a machine takes another name than the ' +
      'one that it had.',
    evidence: [
      { command: members, shows: 'a name such as talos-310-1de that no machine has' },
      { command: 'hostname; cat /etc/hostname', shows: 'on the machine: its name now, which differs' },
      { command: 'kubectl get nodes', shows: 'no Node, or one of another name than the member' },
      {
        command: 'journalctl -b -u etcd | grep -E "name|started as"',
        shows: 'on the machine: the name that etcd was started with',
      },
      {
        command: 'talosctl dmesg | grep -i -E "hostname|metadata|platform"',
        shows: 'with Talos: when the metadata came, and which name was used before',
      },
    ],
    remedies: [
      {
        text: 'give the machine a static host name in its configuration, so that etcd never starts under one that was made up',
        measured: {
          effect:
            'conforms with metadata 5 s late: final names after 10.9 to 11.5 s, every Node Ready after 15.7 to 16.2 s; with a name that was made up: never',
          by: 'identity.metadata-late on stacked-static-5s, apart-static-5s, against stacked-fallback-5s, apart-fallback-5s',
        },
      },
      {
        text: 'or let the boot wait until the metadata service has answered, before etcd and the kubelet start',
        measured: {
          effect:
            'conforms with metadata 5 s late: final names after 15.1 to 16.6 s, every Node Ready after 21.8 to 24.2 s',
          by: 'identity.metadata-late on stacked-waits-5s, apart-waits-5s',
        },
      },
      {
        text: 'cure: remove the member by its id (etcdctl member remove), wipe its data directory, and let it join anew under its final name',
      },
    ],
    upstream: [...talosIdentity, 'etcd.io/docs/v3.6/op-guide/runtime-configuration/#remove-a-member'],
  },
  'identity.duplicate-member': {
    meaning: 'A member that no machine runs, or other members than before.',
    cause:
      'A machine that came back under another name did not find itself among the members, and added itself once more. The ' +
      'old entry stays, nobody runs it, and it counts against the quorum: two machines with three members cannot lose one.',
    evidence: [
      { command: members, shows: 'more members than machines, or one without a name (unstarted)' },
      { command: 'etcdctl endpoint health --cluster', shows: 'an endpoint that never answers' },
    ],
    remedies: [
      {
        text: 'remove the member that no machine runs (etcdctl member list, etcdctl member remove): it counts against the quorum as long as it is listed',
      },
      {
        text: 'key members on their id and peer URLs, never on the name, and let a machine look for itself in the list before it adds itself',
      },
    ],
    upstream: [...talosIdentity, 'etcd.io/docs/v3.6/op-guide/runtime-reconf-design'],
  },
  'identity.duplicate-node': {
    meaning: 'A Node that is no machine, or other Nodes than before.',
    cause:
      'A kubelet registers the Node of the name that its machine has when it starts. One that starts twice, under two names, ' +
      'leaves two: the first is NotReady for ever, and its pods wait until somebody deletes it.',
    evidence: [
      {
        command: 'kubectl get nodes -o wide',
        shows: 'two Nodes with one address, or one that no machine stands behind',
      },
      {
        command: 'journalctl -u kubelet | grep "Successfully registered node"',
        shows: 'on the machine: the names that it registered',
      },
    ],
    remedies: [
      {
        text: 'delete the Node that no machine stands behind: kubectl delete node; its pods are then started elsewhere',
      },
      { text: 'let the kubelet start only once the host name is final, or set --hostname-override' },
    ],
    upstream: ['siderolabs/talos#5834', 'kubernetes.io/docs/concepts/architecture/nodes/#node-name-uniqueness'],
  },
  'identity.certificate-name': {
    meaning: "A certificate is for another name than the machine's final one.",
    cause:
      'Certificates were made while the machine had another name. Who dials it by its final name, or expects that of a ' +
      'client, gets a name that does not fit, and refuses.',
    evidence: [
      {
        command: 'openssl x509 -noout -subject -ext subjectAltName -in /etc/kubernetes/pki/etcd/peer.crt',
        shows: 'on the machine: the names that it is for',
      },
      { command: 'journalctl -u etcd | grep -E "x509|remote error"', shows: '"certificate is valid for …, not …"' },
      {
        command: 'openssl x509 -noout -subject -in /var/lib/kubelet/pki/kubelet-client-current.pem',
        shows: 'on the machine: system:node: and another name',
      },
    ],
    remedies: [
      {
        text: "make the certificates anew once the name is final: etcd's peers verify the host that they dial against the certificate's names",
      },
      {
        text: 'put the names and addresses that are for life into the certificate (serverCertSANs, peerCertSANs), not those of the moment',
      },
    ],
    upstream: [
      'etcd.io/docs/v3.6/op-guide/security',
      'kubernetes.io/docs/setup/best-practices/certificates',
      'siderolabs/talos#10105',
    ],
  },
  'identity.node-not-ready': {
    meaning: 'The cluster is not healthy in time, and no name is wrong.',
    cause:
      'Names agree as far as they can be read, and a machine is no Ready Node all the same. Where its name has changed, its ' +
      'kubelet has a certificate for the old one, and may change no other Node than its own (NodeRestriction).',
    evidence: [
      { command: 'kubectl get nodes -o wide', shows: 'which Node is missing or NotReady' },
      {
        command: 'journalctl -b -u kubelet | grep -i -E "forbidden|not found|not allowed"',
        shows: 'on the machine: "node … is not allowed to modify node …"',
      },
      {
        command: 'systemctl status etcd kubelet',
        shows: 'on the machine: whether it refused to boot, and started neither',
      },
    ],
    remedies: [
      {
        text: 'compare the names: hostname on the machine, the Node object, the kubelet certificate (system:node:NAME), the member of etcd must be one',
      },
      {
        text: 'a kubelet may change only its own Node (NodeRestriction): after a change of name it needs a new certificate, or its old name back',
      },
    ],
    upstream: [...talosIdentity, 'kubernetes.io/docs/reference/access-authn-authz/node'],
  },
} as const satisfies Record<string, CatalogEntry>
