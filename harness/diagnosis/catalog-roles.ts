import type { CatalogEntry } from './catalog-entry.ts'

/** What goes wrong with the roles of machines. */
export const roleEntries = {
  'roles.unexpected-tooling': {
    meaning: 'A machine has what its roles exclude; or a check expects of it what they exclude.',
    cause:
      'A machine of etcd alone runs etcd and nothing of Kubernetes: no container engine, no kubelet, no Node. A check or a ' +
      'role of an installer that does not ask for roles calls their tools there all the same, and fails with "No such file ' +
      'or directory" on a machine that is well. The other way round, what was left behind by another role runs on, and ' +
      'listens where nothing should.',
    evidence: [
      {
        command: 'command -v nerdctl crictl kubelet',
        shows: 'on the machine: nothing, by design; or what its roles exclude',
      },
      {
        command: 'systemctl list-units --type=service etcd* kubelet* containerd*',
        shows: 'on the machine: which of them run',
      },
      { command: 'kubectl get nodes -o wide', shows: 'no Node of that name, by design' },
      { command: 'ansible-inventory --graph', shows: 'with Kubespray: a host in etcd that is not in k8s_cluster' },
    ],
    remedies: [
      {
        text: 'limit the check to hosts of the groups kube_control_plane and kube_node (k8s_cluster); ask hosts of the group etcd alone for etcd and nothing else',
        measured: {
          effect: 'a check that knows roles conforms on the very machines where the role-blind one violates',
          by: 'roles.inventory, roles.inventory-role-blind',
        },
      },
      {
        text: "test for the tool before it is called (command -v nerdctl), or call the container engine's client only where container_manager was installed",
      },
      { text: 'take a container engine or a kubelet that was left behind off a host that has the role etcd alone' },
    ],
    upstream: [
      'kubernetes-sigs/kubespray#7532 (only deploy container engine if needed on etcd nodes)',
      'kubernetes-sigs/kubespray#8386',
      'kubernetes-sigs/kubespray#9560 (skip retry operation with containerd when etcd installed on host VM)',
      'kubespray docs/etcd.md: etcd_deployment_type: host',
    ],
  },
  'roles.missing-tooling': {
    meaning: 'A machine lacks what its roles need.',
    cause:
      'A role was given to a machine and not installed, or what was installed does not run: a unit that is not enabled does ' +
      'not come back after a boot, a static pod whose manifest is gone is ended.',
    evidence: [
      {
        command: 'systemctl --failed; systemctl is-enabled etcd kubelet containerd',
        shows: 'on the machine: what has failed, and what does not start by itself',
      },
      { command: 'ls /etc/kubernetes/manifests', shows: 'on a control plane: which static pods there should be' },
      { command: 'ss -ltnp', shows: 'on the machine: which ports nobody listens on: 6443, 2379, 2380, 10250' },
    ],
    remedies: [
      {
        text: 'look at the unit named here: systemctl status, journalctl -u; it must be enabled to come back after a boot',
      },
      {
        text: "run the distribution's own installer for the machine again: a role was given to it and not installed",
      },
    ],
    upstream: [
      'kubernetes.io/docs/concepts/architecture/#node-components',
      'kubernetes.io/docs/reference/networking/ports-and-protocols',
    ],
  },
  'roles.unhealthy-member': {
    meaning: 'Health by role names other machines than those that were struck.',
    cause:
      'Each role has its own sign of health: etcd answers /health and keeps up with its leader, the API server answers ' +
      '/readyz, a worker has a kubelet and a container engine that run. A machine fails its own although nothing was done to ' +
      'it, or passes it although something was: then the fault has spread, or a check looks at the wrong thing.',
    evidence: [
      {
        command: 'etcdctl endpoint health --cluster; etcdctl endpoint status --cluster -w table',
        shows: 'a member that does not answer, or whose raft index stays behind',
      },
      { command: 'curl -k https://<control plane>:6443/readyz?verbose', shows: 'which of its checks fails' },
      { command: 'systemctl is-active containerd kubelet', shows: 'on a worker: which of them does not run' },
    ],
    remedies: [
      {
        text: 'look at the component on the machine named here, in the order container engine, etcd, kubelet, kube-apiserver',
      },
      {
        text: 'a member of etcd that is far behind its leader has a slow disk or network; one that never catches up has to be removed and added anew',
      },
    ],
    upstream: [
      'etcd.io/docs/v3.6/op-guide/monitoring/#health-check',
      'kubernetes.io/docs/reference/using-api/health-checks',
    ],
  },
} as const satisfies Record<string, CatalogEntry>
