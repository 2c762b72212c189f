import type { CatalogEntry } from './catalog-entry.ts'

const talosIdentity = ['siderolabs/talos#10105', 'siderolabs/talos#5834']

/** What goes wrong with the roles of machines and with their names. */
export const roleEntries = {
  'roles.unexpected-tooling': {
    remedies: [
      'limit the check to hosts of the groups kube_control_plane and kube_node (k8s_cluster); ask hosts of the group etcd alone for etcd and nothing else',
      "test for the tool before it is called (command -v nerdctl), or call the container engine's client only where container_manager was installed",
      'take a container engine or a kubelet that was left behind off a host that has the role etcd alone',
    ],
    upstream: [
      'kubernetes-sigs/kubespray#7532 (only deploy container engine if needed on etcd nodes)',
      'kubernetes-sigs/kubespray#8386',
      'kubernetes-sigs/kubespray#9560 (skip retry operation with containerd when etcd installed on host VM)',
      'kubespray docs/etcd.md: etcd_deployment_type: host',
    ],
  },
  'roles.missing-tooling': {
    remedies: [
      'look at the unit named here: systemctl status, journalctl -u; it must be enabled to come back after a boot',
      "run the distribution's own installer for the machine again: a role was given to it and not installed",
    ],
    upstream: [
      'kubernetes.io/docs/concepts/architecture/#node-components',
      'kubernetes.io/docs/reference/networking/ports-and-protocols',
    ],
  },
  'roles.unhealthy-member': {
    remedies: [
      'look at the component on the machine named here, in the order container engine, etcd, kubelet, kube-apiserver',
      'a member of etcd that is far behind its leader has a slow disk or network; one that never catches up has to be removed and added anew',
    ],
    upstream: [
      'etcd.io/docs/v3.6/op-guide/monitoring/#health-check',
      'kubernetes.io/docs/reference/using-api/health-checks',
    ],
  },
  'identity.member-name-mismatch': {
    remedies: [
      'give the machine a static host name in its configuration, so that etcd never starts under one that was made up',
      'or let the boot wait until the metadata service has answered, before etcd and the kubelet start',
      'cure: remove the member by its id (etcdctl member remove), wipe its data directory, and let it join anew under its final name',
    ],
    upstream: [...talosIdentity, 'etcd.io/docs/v3.6/op-guide/runtime-configuration/#remove-a-member'],
  },
  'identity.duplicate-member': {
    remedies: [
      'remove the member that no machine runs (etcdctl member list, etcdctl member remove): it counts against the quorum as long as it is listed',
      'key members on their id and peer URLs, never on the name, and let a machine look for itself in the list before it adds itself',
    ],
    upstream: [...talosIdentity, 'etcd.io/docs/v3.6/op-guide/runtime-reconf-design'],
  },
  'identity.duplicate-node': {
    remedies: [
      'delete the Node that no machine stands behind: kubectl delete node; its pods are then started elsewhere',
      'let the kubelet start only once the host name is final, or set --hostname-override',
    ],
    upstream: ['siderolabs/talos#5834', 'kubernetes.io/docs/concepts/architecture/nodes/#node-name-uniqueness'],
  },
  'identity.certificate-name': {
    remedies: [
      "make the certificates anew once the name is final: etcd's peers verify the host that they dial against the certificate's names",
      'put the names and addresses that are for life into the certificate (serverCertSANs, peerCertSANs), not those of the moment',
    ],
    upstream: [
      'etcd.io/docs/v3.6/op-guide/security',
      'kubernetes.io/docs/setup/best-practices/certificates',
      'siderolabs/talos#10105',
    ],
  },
  'identity.node-not-ready': {
    remedies: [
      'compare the names: hostname on the machine, the Node object, the kubelet certificate (system:node:NAME), the member of etcd must be one',
      'a kubelet may change only its own Node (NodeRestriction): after a change of name it needs a new certificate, or its old name back',
    ],
    upstream: [...talosIdentity, 'kubernetes.io/docs/reference/access-authn-authz/node'],
  },
} as const satisfies Record<string, CatalogEntry>
