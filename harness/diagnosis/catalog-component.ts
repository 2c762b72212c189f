import type { CatalogEntry } from './catalog-entry.ts'

/** What is wrong with a component of the control plane, or with what every cluster runs beside it. */
export const componentEntries = {
  'component.certificate-expired': {
    meaning: 'A certificate that components of the control plane show each other is not valid now.',
    cause:
      "kubeadm's certificates are valid for a year, and nothing renews them but an upgrade or kubeadm certs renew. A component " +
      'that shows one which has run out is refused: the API server by its clients, etcd by the API server, a controller by the ' +
      'API server. It shows at the next connection, which may be long after the date.',
    evidence: [
      { command: 'kubeadm certs check-expiration', shows: 'on the control plane: which are invalid' },
      {
        command: 'openssl x509 -noout -dates -in /etc/kubernetes/pki/apiserver.crt',
        shows: 'on the control plane: notAfter in the past',
      },
      { command: 'timedatectl status', shows: 'on the control plane: whether its clock is right' },
    ],
    remedies: [
      { text: 'kubeadm certs renew all on each control plane, then let its static pods start anew' },
      { text: 'upgrade once a year at least: kubeadm upgrade renews them' },
    ],
    upstream: ['kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs'],
  },
  'component.misconfigured': {
    meaning:
      'A component of the control plane ends at its start because of its flags or files; the summary has its words.',
    cause:
      'A static pod is started with what stands in its manifest: a flag that is not known, a value that is not allowed or a ' +
      'file that is not there ends it at once, and the kubelet starts it again after a back-off that doubles.',
    evidence: [
      { command: 'crictl logs <container>', shows: 'on the control plane: its last words' },
      {
        command: 'tail /var/log/pods/kube-system_<component>-*/<component>/*.log',
        shows: 'on the control plane: the same, where crictl is missing',
      },
    ],
    remedies: [{ text: 'mend the flag that its last words name in /etc/kubernetes/manifests' }],
    upstream: ['kubernetes.io/docs/reference/command-line-tools-reference'],
  },
  'component.out-of-memory': {
    meaning: 'A container of the control plane was ended for its memory.',
    cause:
      'The container has a limit of memory, or its machine has none left, and the kernel ends it. It starts anew, needs as ' +
      'much again to fill its caches, and ends again: the limit is below what it takes to start.',
    evidence: [
      {
        command: 'journalctl -u containerd | grep TaskOOM',
        shows: 'on the control plane: which container, and how often',
      },
      { command: "grep -A4 'resources:' /etc/kubernetes/manifests/kube-apiserver.yaml", shows: 'its limit, if any' },
    ],
    remedies: [{ text: 'raise the limit, or take it away; give the control plane a machine with enough memory' }],
    upstream: ['kubernetes.io/docs/concepts/configuration/manage-resources-containers'],
  },
  'component.writes-refused': {
    meaning: 'The API server answers, and admission lets no object be written; the summary has its words.',
    cause:
      'Every write passes admission. A webhook that must answer (failurePolicy: Fail) and does not, or a plugin that denies, ' +
      'refuses them all: the cluster runs on and nothing in it can be changed, repaired or replaced.',
    evidence: [
      {
        command: 'kubectl create configmap x --dry-run=server',
        shows: 'the words of admission: which webhook, and why',
      },
      {
        command: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
        shows: 'the webhooks that there are',
      },
    ],
    remedies: [
      { text: 'delete the webhook that does not answer, or bring its Service back' },
      {
        text: "set failurePolicy: Ignore, or keep kube-system and the webhook's own namespace out of its namespaceSelector",
      },
    ],
    upstream: ['kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices'],
  },
  'component.not-ready-too-late': {
    meaning: 'A Node that reports no more is still called Ready, for longer than the cluster is meant to.',
    cause:
      'kube-controller-manager marks a Node NotReady once its lease is older than --node-monitor-grace-period. Where that is ' +
      'longer than was asked for, pods of the lost machine stay among the endpoints, and nothing replaces them meanwhile.',
    evidence: [
      { command: 'kubectl -n kube-node-lease get lease <node> -o yaml', shows: 'a renewTime that is long ago' },
      {
        command: 'kubectl -n kube-system get pods -l component=kube-controller-manager -o yaml | grep node-monitor',
        shows: 'the grace period that it runs with',
      },
    ],
    remedies: [
      { text: 'set --node-monitor-grace-period of kube-controller-manager to what the cluster is meant to have' },
    ],
    upstream: ['kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats'],
  },
  'component.crashing': {
    meaning: 'A container ends by itself again and again; the summary names it, and how it ended.',
    cause:
      'The image is there and the container starts, and its program ends with an error: a configuration that it does not ' +
      'take, something that it cannot reach, a right that it lacks. The kubelet starts it again after 10 s, 20 s, up to 300 s.',
    evidence: [
      { command: 'kubectl -n <namespace> logs <pod> --previous', shows: 'its last words' },
      { command: 'kubectl -n <namespace> describe pod <pod>', shows: 'Last State: its exit code and reason' },
    ],
    remedies: [
      { text: 'mend what its last words name; then delete the pod, so that it need not wait out its back-off' },
    ],
    upstream: ['kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts'],
  },
  'component.dns-down': {
    meaning: "The cluster's DNS does not serve: its containers end by themselves.",
    cause:
      'CoreDNS ends where it cannot read its Corefile, where it finds that its upstream leads back to itself, or where it may ' +
      'not read Services. Names of Services are then known to nobody, while everything that has an address goes on.',
    evidence: [
      { command: 'kubectl -n kube-system logs -l k8s-app=kube-dns --previous', shows: 'its last words' },
      { command: 'kubectl -n kube-system get configmap coredns -o yaml', shows: 'the Corefile' },
      { command: 'kubectl -n kube-system get endpointslices -l k8s-app=kube-dns', shows: 'no address that is ready' },
    ],
    remedies: [{ text: 'mend the Corefile in the ConfigMap coredns, and restart the Deployment' }],
    upstream: ['kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution'],
  },
} as const satisfies Record<string, CatalogEntry>
