import type { CatalogEntry } from './catalog-entry.ts'

const kubeletJournal = 'journalctl -u kubelet --since -10min'
const nodeStatus = 'kubernetes.io/docs/concepts/architecture/nodes/#node-status'
const kubeadmTroubles = 'kubernetes.io/docs/setup/production-environment/tools/kubeadm/troubleshooting-kubeadm'

/** Why a machine is no Ready Node, or why its pods do not run: what is wrong with the machine itself. */
export const machineEntries = {
  'machine.cpu-starved': {
    meaning: 'The machine has used up the processor time that it may have, most of the time.',
    cause:
      'A limit of processor time (of a container, a virtual machine, a cgroup) ends in every period of the scheduler before ' +
      'the work does. Everything runs, and nothing in time: units start late, leases and statuses are renewed late, and ' +
      'probes time out.',
    evidence: [
      { command: 'cat /sys/fs/cgroup/cpu.stat', shows: 'on the machine: nr_throttled that grows with nr_periods' },
      { command: 'systemd-analyze blame', shows: 'on the machine: every unit takes long' },
    ],
    remedies: [{ text: 'give the machine more processor time, or fewer pods' }],
    upstream: ['kernel.org/doc/html/latest/scheduler/sched-bwc.html'],
  },
  'machine.runtime-down': {
    meaning: 'The container runtime does not run, or does not answer.',
    cause:
      'The kubelet starts nothing by itself: it asks the container runtime over its socket. A runtime that does not start, or ' +
      'that hangs, makes the kubelet end at its start or call the Node NotReady, however well the kubelet itself is.',
    evidence: [
      {
        command: 'systemctl status containerd',
        shows: 'on the machine: a unit that fails, or is started again and again',
      },
      { command: 'timeout 4 ctr version', shows: 'on the machine: no answer' },
      { command: `${kubeletJournal} | grep -i runtime`, shows: 'on the machine: what the kubelet says of it' },
    ],
    remedies: [
      {
        text: 'look at the container runtime before the kubelet: systemctl status containerd, journalctl -u containerd',
      },
      { text: 'restart one that hangs: containers outlive it, and their shims go on' },
    ],
    upstream: ['kubernetes.io/docs/setup/production-environment/container-runtimes', nodeStatus],
  },
  'machine.kubelet-misconfigured': {
    meaning: 'The kubelet ends at its start because it cannot use its configuration.',
    cause:
      'The kubelet reads its configuration once, at its start: a field of the wrong type, a value that is not allowed or a ' +
      'flag that a newer version does not know any more lets it run until the next boot and not after it.',
    evidence: [
      { command: `${kubeletJournal} | grep -iE 'config|flag'`, shows: 'on the machine: which field, or which flag' },
      { command: 'systemctl show kubelet --property=NRestarts', shows: 'on the machine: a number that grows' },
    ],
    remedies: [{ text: 'mend /var/lib/kubelet/config.yaml, or the flag, that the last line of the kubelet names' }],
    upstream: ['kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file'],
  },
  'machine.out-of-memory': {
    meaning: 'The kubelet ends because it cannot have the memory that it needs.',
    cause:
      'A limit of the unit, of its slice or of the whole machine is below what the kubelet needs to start. It ends with an ' +
      "error of the Go runtime or by the kernel's hand, and systemd starts it again, to the same end.",
    evidence: [
      { command: `${kubeletJournal} | grep -iE 'memory|reserve'`, shows: 'on the machine: its last words' },
      {
        command: 'systemctl show kubelet --property=MemoryMax --property=LimitAS',
        shows: 'on the machine: a limit that is not infinity',
      },
    ],
    remedies: [{ text: 'raise the limit, or take it away: the kubelet is what keeps the pods within theirs' }],
    upstream: ['kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources'],
  },
  'machine.certificate-expired': {
    meaning: "The kubelet's own client certificate is not valid now.",
    cause:
      'The kubelet renews its certificate while it runs and the API answers. A machine that was off for too long, or whose ' +
      'clock is wrong, has one that is not valid: it cannot renew what it cannot authenticate with, and there is no bootstrap ' +
      'token any more.',
    evidence: [
      {
        command: 'openssl x509 -noout -dates -in /var/lib/kubelet/pki/kubelet-client-current.pem',
        shows: 'on the machine: notAfter in the past, or notBefore in the future',
      },
      { command: `${kubeletJournal} | grep -iE 'certificate|bootstrap'`, shows: 'on the machine: that it is not used' },
      { command: 'timedatectl status', shows: 'on the machine: whether its clock is right' },
    ],
    remedies: [
      {
        text: 'have a kubeconfig made for the node on a control plane (kubeadm kubeconfig user --org system:nodes --client-name system:node:NAME), or let the machine join anew',
      },
      { text: "see to the machine's clock first: a certificate that is valid is refused by one that is wrong" },
    ],
    upstream: ['kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping', kubeadmTroubles],
  },
  'machine.kubelet-hangs': {
    meaning: 'The kubelet runs, and does not answer its own health check.',
    cause:
      'The process is there, so that systemd is content, and does nothing: it is stopped by a signal, waits for a file system ' +
      'that hangs, or for a lock. Nothing is posted any more, and the Node is marked NotReady once its lease has run out.',
    evidence: [
      { command: 'curl --max-time 2 http://127.0.0.1:10248/healthz', shows: 'on the machine: no answer' },
      { command: 'ps -o stat,wchan,args -C kubelet', shows: 'on the machine: T where it is stopped, D where it waits' },
    ],
    remedies: [{ text: 'restart the kubelet; a dump of its goroutines (SIGQUIT) before that says what it waited for' }],
    upstream: [nodeStatus],
  },
  'machine.kubelet-late': {
    meaning: 'The kubelet has not been started yet: something that has to run before it takes long.',
    cause:
      'systemd starts a unit once its ExecStartPre commands have ended. A check of the disk, a download or a wait for another ' +
      'machine there holds the kubelet up, and the Node is NotReady for as long, although nothing has failed.',
    evidence: [
      {
        command: 'systemctl status kubelet',
        shows: 'on the machine: activating (start-pre), and which process that is',
      },
      { command: 'systemctl cat kubelet', shows: 'on the machine: the commands before it, with those of its drop-ins' },
    ],
    remedies: [{ text: 'take what is slow out of the way of the kubelet, or give it a limit (TimeoutStartSec)' }],
    upstream: ['freedesktop.org/software/systemd/man/latest/systemd.service.html'],
  },
  'machine.api-not-trusted': {
    meaning: 'The kubelet reaches the API server, and does not take its certificate.',
    cause:
      "The kubelet's kubeconfig has the authority that the cluster had when the machine joined. Where the authority was " +
      'changed, or the machine is from another cluster, the certificate of the API server is from a stranger, and the kubelet ' +
      'says nothing to it.',
    evidence: [
      { command: `${kubeletJournal} | grep x509`, shows: 'on the machine: "certificate signed by unknown authority"' },
      {
        command: 'grep certificate-authority-data /etc/kubernetes/kubelet.conf',
        shows: 'on the machine: another authority than in /etc/kubernetes/pki/ca.crt of the control plane',
      },
    ],
    remedies: [{ text: "give the kubelet's kubeconfig the cluster's authority, or let the machine join anew" }],
    upstream: ['kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates'],
  },
  'machine.name-resolution': {
    meaning: 'The machine cannot look up the name under which its kubelet knows the API server.',
    cause:
      'The kubeconfig of the kubelet has a name in it, and whoever resolves it for the machine does not answer or does not ' +
      'know it. Connections that were there go on; a kubelet that starts, or has lost its own, is cut off.',
    evidence: [
      { command: 'getent ahosts <name>', shows: 'on the machine: nothing' },
      { command: 'cat /etc/resolv.conf', shows: 'on the machine: whom it asks' },
      { command: `${kubeletJournal} | grep -E 'lookup|no such host'`, shows: 'on the machine: the name' },
    ],
    remedies: [
      { text: "bring the machine's resolver back, or put the name into /etc/hosts" },
      { text: 'use an address in controlPlaneEndpoint where names are not to be relied on' },
    ],
    upstream: ['kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm'],
  },
  'machine.api-unreachable': {
    meaning: 'No connection from the machine to the API server comes about.',
    cause:
      'Packets do not arrive, in one direction or in both, or nobody listens where the kubelet looks: a rule of a firewall, a ' +
      'route, a wrong address or port in its kubeconfig. One direction is enough: without the answer there is no connection.',
    evidence: [
      {
        command: 'curl -kv --connect-timeout 2 https://<server>/livez',
        shows: 'on the machine: a time-out, or refused',
      },
      { command: "sed -n 's/ *server: //p' /etc/kubernetes/kubelet.conf", shows: 'on the machine: where it looks' },
      { command: 'nft list ruleset', shows: 'on the machine, and on the control plane: rules that drop' },
    ],
    remedies: [
      { text: 'open the way between machine and API server in both directions, TCP 6443' },
      { text: "mend the server in the kubelet's kubeconfig where it is another than the cluster's" },
    ],
    upstream: ['kubernetes.io/docs/reference/networking/ports-and-protocols', nodeStatus],
  },
  'machine.packet-loss': {
    meaning: 'Some connections from the machine to the API server come about in time and others do not.',
    cause:
      'Packets are lost on the way: TCP sends them again after 1 s, 2 s, 4 s, so that everything works, and nothing in time. ' +
      'A cable, a link that is too busy, a limit of a cloud, or two machines with the same address do that.',
    evidence: [
      { command: 'ip -s link show eth0', shows: 'on the machine: errors and drops that grow' },
      { command: 'nstat -az TcpRetransSegs', shows: 'on the machine: segments that were sent again' },
    ],
    remedies: [{ text: 'look at the link: both ends, its counters, and what else uses it' }],
    upstream: ['kernel.org/doc/html/latest/networking/snmp_counter.html'],
  },
  'machine.large-packets-lost': {
    meaning: 'Connections to the API server come about, and large packets do not pass: as with a wrong MTU.',
    cause:
      'A link on the way takes smaller packets than the machines at its ends believe, and the message that says so does not ' +
      'come back. The three small packets of a connection pass, the certificate of the API server does not: TLS hangs.',
    evidence: [
      { command: 'ping -M do -s 1472 <API server>', shows: 'on the machine: no answer, where -s 500 has one' },
      { command: 'ip link show', shows: 'on each machine, and of each tunnel: its mtu' },
      { command: 'tracepath -n <API server>', shows: 'on the machine: where the path takes less' },
    ],
    remedies: [
      { text: 'set the same MTU on all machines, the smallest of the path, and 50 less for a VXLAN within it' },
      { text: 'let ICMP "fragmentation needed" pass, so that machines learn of it' },
    ],
    upstream: ['rfc-editor.org/rfc/rfc2923'],
  },
  'machine.network-unconfigured': {
    meaning: 'The machine has no configuration of a pod network, or a plugin of it is missing.',
    cause:
      'The container runtime reads the pod network from /etc/cni/net.d and runs the plugins in /opt/cni/bin. Without a ' +
      'configuration the Node is NotReady; without a plugin it is Ready, and no pod of the pod network gets its sandbox.',
    evidence: [
      { command: 'ls /etc/cni/net.d /opt/cni/bin', shows: 'on the machine: what is missing' },
      { command: 'kubectl describe node <node>', shows: 'NetworkPluginNotReady in the condition Ready' },
      {
        command: 'kubectl get events -A --field-selector reason=FailedCreatePodSandBox',
        shows: '"failed to find plugin", with its name',
      },
    ],
    remedies: [
      { text: 'let the pod network write its configuration again: restart its pod or its unit on the machine' },
      { text: 'put the plugin back: the package kubernetes-cni, or the init container of the pod network' },
    ],
    upstream: ['kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins'],
  },
  'machine.disk-full': {
    meaning: 'A pod cannot begin to run because nothing can be written on its machine.',
    cause:
      'A file system of the machine has no room or no inodes left: that of the kubelet, of the container runtime, or of the ' +
      'logs. The Node may be Ready all the while, where nobody set a threshold for evictions.',
    evidence: [
      { command: 'df -h /var/lib/kubelet /var/lib/containerd /var/log; df -i /var/lib/kubelet', shows: '100 %' },
      { command: 'kubectl get events -A --field-selector type=Warning', shows: '"no space left on device"' },
    ],
    remedies: [
      { text: 'make room on the file system that df names; crictl rmi --prune takes away images that nobody uses' },
      { text: 'set evictionHard for nodefs and imagefs, so that the Node says DiskPressure before it is full' },
    ],
    upstream: ['kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction'],
  },
  'machine.disk-pressure': {
    meaning: 'The Node says DiskPressure: less disk is left than the kubelet must keep.',
    cause:
      'Less than the threshold of evictionHard is left. The kubelet ends pods that are not critical, and lets none begin; the ' +
      'Node is Ready, tainted, and gets no further pods. Where all Nodes are like that, nothing is scheduled any more.',
    evidence: [
      { command: 'kubectl describe node <node>', shows: 'DiskPressure True, and the taint disk-pressure' },
      { command: 'kubectl get pods -A --field-selector status.phase=Failed', shows: 'pods that were Evicted' },
      { command: 'df -h /var/lib/kubelet', shows: 'on the machine: what is left' },
    ],
    remedies: [
      { text: 'make room, or give the machine a larger disk' },
      { text: 'look at evictionHard in the KubeletConfiguration where the disk has room' },
    ],
    upstream: ['kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction'],
  },
  'machine.memory-pressure': {
    meaning: 'The Node says MemoryPressure: less memory is left than the kubelet must keep.',
    cause:
      'Less than the threshold of evictionHard is left. The kubelet ends pods that use more than they asked for, those without ' +
      'requests first, and the Node gets no further pods of that kind.',
    evidence: [
      { command: 'kubectl describe node <node>', shows: 'MemoryPressure True, and the taint memory-pressure' },
      { command: 'kubectl top pods -A --sort-by=memory', shows: 'who uses it' },
    ],
    remedies: [{ text: 'give pods requests and limits, so that the scheduler knows what a machine has left' }],
    upstream: ['kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction'],
  },
  'machine.cgroup-drivers-differ': {
    meaning: 'The kubelet and the container runtime manage cgroups in different ways.',
    cause:
      'One of them leaves cgroups to systemd and the other writes them itself. The names that the kubelet gives to a pod mean ' +
      'nothing to the runtime, and no pod begins to run, on a Node that may well be Ready.',
    evidence: [
      { command: 'grep cgroupDriver /var/lib/kubelet/config.yaml', shows: 'on the machine: what the kubelet uses' },
      {
        command: 'grep SystemdCgroup /etc/containerd/config.toml',
        shows: 'on the machine: whether containerd uses systemd',
      },
    ],
    remedies: [{ text: 'set both to systemd: cgroupDriver: systemd, and SystemdCgroup = true' }],
    upstream: ['kubernetes.io/docs/tasks/administer-cluster/kubeadm/configure-cgroup-driver'],
  },
  'machine.sandbox-failed': {
    meaning: 'The container runtime cannot make the sandbox of a pod; the summary has its words.',
    cause:
      'Before the first container of a pod there is its sandbox: namespaces, an address of the pod network, a cgroup. One of ' +
      'these could not be had. The kubelet tries again and again, and the pod stays in ContainerCreating.',
    evidence: [
      { command: 'kubectl -n <namespace> describe pod <pod>', shows: 'FailedCreatePodSandBox, with the reason' },
      { command: 'journalctl -u containerd --since -10min', shows: 'on the machine: the same, with more of it' },
    ],
    remedies: [{ text: 'mend what the message names: the pod network, the runtime, or what the kernel refuses' }],
    upstream: ['kubernetes.io/docs/tasks/debug/debug-application/debug-pods'],
  },
} as const satisfies Record<string, CatalogEntry>
