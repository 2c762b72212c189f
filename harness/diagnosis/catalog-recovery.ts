import type { CatalogEntry } from './catalog-entry.ts'

const controllerManagerLog = 'kubectl -n kube-system logs -l component=kube-controller-manager --tail=200'

/** What keeps a cluster from coming back after reboots, power cuts and drains. */
export const recoveryEntries = {
  'recovery.daemonset-backoff': {
    meaning: "A failed pod waits out the DaemonSet controller's back-off; the summary says how long.",
    cause:
      'A graceful reboot fails several pods of a DaemonSet: the kubelet ends the one that ran (Failed, Terminated), and ' +
      'refuses its replacements for as long as it shuts down (Failed, NodeShutdown). The DaemonSet controller deletes a ' +
      'failed pod before it makes a new one, and each deletion doubles the delay that it keeps before the next: 1 s, 2 s, ' +
      '4 s, up to 15 min, for each DaemonSet and node. A pod that fails within that delay waits the whole of it anew. The ' +
      'delay is in the memory of kube-controller-manager and is forgotten after 30 quiet minutes: reboots in a row add up ' +
      'until a node is Ready and has no kube-proxy for minutes.',
    evidence: [
      {
        command: 'kubectl get pods -A --field-selector spec.nodeName=<node>,status.phase=Failed',
        shows: 'DaemonSet pods in Terminated or NodeShutdown that stay although the node is Ready',
      },
      {
        command: 'kubectl -n kube-system get daemonset kube-proxy',
        shows: 'one Ready pod fewer than desired',
      },
      {
        command: 'kubectl get events -A --field-selector reason=FailedDaemonPod --sort-by=.lastTimestamp',
        shows: 'when failed pods were deleted: the times between the last ones double',
      },
      {
        command: `${controllerManagerLog} | grep 'limited by backoff'`,
        shows: 'the delay of each pod, where kube-controller-manager runs with --v=4',
      },
    ],
    remedies: [
      {
        text: 'restart kube-controller-manager: the back-off is kept in its memory only',
        measured: {
          effect: 'recovered 20.8 s after the node was Ready; 252.7 s were predicted without it',
          by: 'recovery.remedy.restart-controller-manager',
        },
      },
      {
        text: "change the DaemonSet's pod template (kubectl rollout restart daemonset …): a new template begins without a back-off",
        measured: {
          effect: 'recovered 2.0 s after the node was Ready; 60.3 s were predicted without it',
          by: 'recovery.remedy.change-pod-template',
        },
      },
      {
        text: 'add a second worker, so that the workload has capacity while the first one waits',
        measured: {
          effect: "the workload's capacity was back after 3.1 s; 124.3 s were predicted without it",
          by: 'recovery.remedy.second-worker',
        },
      },
    ],
    upstream: [
      'kubernetes/pkg/controller/daemon/daemon_controller.go: failedPodsBackoff = NewBackOff(1s, 15min)',
      'siderolabs/talos#9870',
    ],
  },
  'recovery.daemonset-stuck': {
    meaning: 'A failed pod was not replaced although the back-off is over, or not when the model has it.',
    cause:
      'The DaemonSet controller had no reason left to wait, and has not deleted the failed pod, or has not made its ' +
      'successor. Either it does not work (nobody holds its lease, it is overloaded), or something keeps the pod: a ' +
      'finalizer, an admission webhook, a kubelet that does not confirm the deletion. Where a replacement came at another ' +
      'time than the model has it, the controller does not follow the back-off that is in its code.',
    evidence: [
      {
        command: 'kubectl -n kube-system get lease kube-controller-manager -o yaml',
        shows: 'whether renewTime goes on, and who holds it',
      },
      {
        command: `${controllerManagerLog} | grep -i daemon`,
        shows: 'errors of the controller when it deletes or makes the pod',
      },
      {
        command: 'kubectl -n <namespace> get pod <pod> -o jsonpath={.metadata.deletionTimestamp}{.metadata.finalizers}',
        shows: 'a pod that is deleted and kept by a finalizer',
      },
    ],
    remedies: [
      {
        text: 'look at kube-controller-manager: is it running, does it hold its lease, what does it log of the DaemonSet',
      },
      { text: 'look at the pod: kubectl describe names what the kubelet waits for' },
    ],
    upstream: ['kubernetes/pkg/controller/daemon/daemon_controller.go: podsShouldBeOnNode'],
  },
  'recovery.controller-manager-down': {
    meaning: 'Nobody has renewed the lease of kube-controller-manager for more than 10 s.',
    cause:
      'kube-controller-manager does not run, or cannot reach the API server. Without it no controller works: Nodes are not ' +
      'marked NotReady, failed pods are not replaced, endpoints do not change. What is missing above it is a consequence.',
    evidence: [
      {
        command: 'kubectl -n kube-system get lease kube-controller-manager -o yaml',
        shows: 'a renewTime that does not move',
      },
      {
        command: 'crictl ps -a --name kube-controller-manager',
        shows: 'on the control plane: no running container, or one that ends again and again',
      },
      { command: 'ls /etc/kubernetes/manifests', shows: 'on the control plane: whether its manifest is there' },
      {
        command: 'journalctl -u kubelet --since -10min | grep kube-controller-manager',
        shows: 'on the control plane: why the kubelet does not start it',
      },
    ],
    remedies: [
      { text: 'bring kube-controller-manager back: its static pod manifest must stand in /etc/kubernetes/manifests' },
      { text: 'read its log: journalctl -u kubelet and /var/log/pods/kube-system_kube-controller-manager-*' },
    ],
    upstream: ['kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager'],
  },
  'recovery.scheduler-down': {
    meaning: 'Nobody has renewed the lease of kube-scheduler for more than 10 s.',
    cause:
      'kube-scheduler does not run, or cannot reach the API server. Pods that are new stay Pending without a node; what has ' +
      'a node already runs on. DaemonSet pods wait too: they are bound by the scheduler.',
    evidence: [
      { command: 'kubectl -n kube-system get lease kube-scheduler -o yaml', shows: 'a renewTime that does not move' },
      {
        command: 'kubectl get pods -A --field-selector status.phase=Pending -o wide',
        shows: 'Pending pods without a node, and without an event that says why',
      },
      { command: 'crictl ps -a --name kube-scheduler', shows: 'on the control plane: no running container' },
    ],
    remedies: [{ text: 'bring kube-scheduler back: its static pod manifest must stand in /etc/kubernetes/manifests' }],
    upstream: ['kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler'],
  },
  'recovery.node-not-ready': {
    meaning: 'The node is not Ready, or its kubelet has not reported since the boot.',
    cause:
      'After a boot the kubelet has to start, find its container runtime and the configuration of the pod network, and post ' +
      'a status: until then the Node is NotReady, or what it says is from before the boot. Nothing that needs the node can ' +
      'be back before.',
    evidence: [
      { command: 'kubectl describe node <node>', shows: 'the Ready condition, its reason and its lastHeartbeatTime' },
      { command: 'systemctl status kubelet containerd', shows: 'on the node: what has not started' },
      {
        command: 'journalctl -b -u kubelet',
        shows: 'on the node: errors of registration, of certificates, of the runtime, "network plugin is not ready"',
      },
      { command: 'ls /etc/cni/net.d', shows: 'on the node: whether the pod network has left its configuration' },
    ],
    remedies: [
      { text: 'look at the kubelet on the node: systemctl status kubelet, journalctl -u kubelet' },
      {
        text: 'look at the container runtime and the pod network on the node: both must be up before it is Ready',
      },
    ],
    upstream: ['kubernetes.io/docs/concepts/architecture/nodes/#node-status'],
  },
  'recovery.image-missing': {
    meaning: 'A container waits for an image that it cannot get.',
    cause:
      'The image is not on the node, and the node cannot pull it: the registry is out of reach, says no, or does not have it. ' +
      'What ran before the fault did so from an image that has been removed since, or has a policy (Always) that asks the ' +
      'registry at every start. No waiting cures that.',
    evidence: [
      {
        command: 'kubectl get pods -A -o wide | grep -E "ImagePull|ErrImage"',
        shows: 'pods in ErrImagePull, ImagePullBackOff, ErrImageNeverPull or InvalidImageName',
      },
      { command: 'kubectl -n <namespace> describe pod <pod>', shows: "the image's name and the registry's answer" },
      { command: 'crictl images', shows: 'on the node: whether the image is there' },
    ],
    remedies: [
      { text: 'put the image on the node again, or let the node reach its registry' },
      { text: "set imagePullPolicy: IfNotPresent, so that a restart does not need the registry's answer" },
    ],
    upstream: ['kubernetes.io/docs/concepts/containers/images/#imagepullbackoff'],
  },
  'recovery.api-unavailable': {
    meaning: 'The API server does not answer, or was silent for too long.',
    cause:
      'kube-apiserver has to start, reach etcd and become ready. Where it does not, either its own container does not run (a ' +
      'manifest, a certificate, an image), or etcd behind it does not answer: it ends itself then, and the kubelet starts it ' +
      'again after a back-off that doubles.',
    evidence: [
      { command: 'curl -k https://<control plane>:6443/readyz?verbose', shows: 'which of its checks fails' },
      { command: 'crictl ps -a', shows: 'on the control plane: kube-apiserver and etcd, and how often they ended' },
      {
        command: 'journalctl -b -u kubelet | grep -E "kube-apiserver|etcd"',
        shows: 'on the control plane: why the kubelet does not start them',
      },
    ],
    remedies: [
      {
        text: 'look at kube-apiserver and etcd on the control plane: crictl ps -a or ctr -n k8s.io containers ls, journalctl -u kubelet',
      },
      { text: 'their static pod manifests must stand in /etc/kubernetes/manifests' },
    ],
    upstream: ['kubernetes.io/docs/tasks/debug/debug-cluster/#looking-at-logs'],
  },
  'recovery.write-lost': {
    meaning: 'A write that was acknowledged before the fault is gone.',
    cause:
      'An acknowledged write is on the disk of a majority of the members of etcd. That it is gone means that a disk or its ' +
      'cache lied about fsync, that etcd was told not to wait for it, or that a member came back with older data.',
    evidence: [
      {
        command: 'journalctl -u etcd | grep -i -E "unsafe-no-fsync|corrupt"',
        shows: 'etcd told not to wait for the disk',
      },
      { command: 'etcdctl endpoint hashkv --cluster', shows: 'members whose data differ' },
    ],
    remedies: [{ text: 'etcd must write to a disk that survives a power cut, with fsync on (no --unsafe-no-fsync)' }],
    upstream: ['etcd.io/docs/v3.6/op-guide/hardware/#disks'],
  },
  'recovery.service-gap': {
    meaning: 'A Service answered nobody for too long.',
    cause:
      'When a node loses its power, its pods stay among the endpoints of their Services until the node is marked NotReady: ' +
      '--node-monitor-grace-period, 50 s (40 s before Kubernetes 1.32). Until then a share of the connections goes to nobody. ' +
      'A Service falls silent altogether where all its pods were on that node, or where its rules are not followed.',
    evidence: [
      { command: 'kubectl get pods -l <selector> -o wide', shows: 'whether all pods of the Service were on one node' },
      {
        command: 'kubectl get endpointslices -l kubernetes.io/service-name=<service> -o yaml',
        shows: 'addresses of the lost node that are still ready',
      },
      { command: 'kubectl get node <node> -w', shows: 'when it was marked NotReady' },
    ],
    remedies: [
      {
        text: 'spread the pods over nodes (topologySpreadConstraints) and let clients retry: endpoints of a lost node stay until it is NotReady',
      },
      { text: 'shorten --node-monitor-grace-period where the gap is too long' },
    ],
    upstream: ['kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats'],
  },
  'recovery.failed-pods-left': {
    meaning: 'Failed pods are left after a drained reboot.',
    cause:
      'A drain moves pods away before the node is rebooted, so that the reboot has none to fail. What is left was not moved: ' +
      'it was bound to the node, tolerated the cordon, or came to the node after the drain; nobody deletes a Failed pod that ' +
      'no controller owns.',
    evidence: [
      { command: 'kubectl get pods -A --field-selector status.phase=Failed -o wide', shows: 'what is left, and where' },
      {
        command: 'kubectl -n <namespace> get pod <pod> -o jsonpath={.metadata.ownerReferences}{.spec.tolerations}',
        shows: 'who owns it, and which taints it tolerates',
      },
    ],
    remedies: [
      {
        text: 'drain the node before it is rebooted: kubectl drain --ignore-daemonsets, and pods that tolerate no shutdown',
      },
    ],
    upstream: ['kubernetes.io/docs/tasks/administer-cluster/safely-drain-node'],
  },
  'recovery.shutdown-not-graceful': {
    meaning: 'The kubelet did not end its pods in order, or refused no replacement.',
    cause:
      'A kubelet that is told of a shutdown (by an inhibitor lock of systemd-logind) ends its pods in order and marks them ' +
      'Terminated; without that lock the machine takes its pods with it, and the API learns of it only later. The lock is ' +
      'taken where shutdownGracePeriod is not 0 and the kubelet reaches logind over dbus.',
    evidence: [
      { command: 'systemd-inhibit --list', shows: 'on the node: no line of the kubelet' },
      {
        command: 'kubectl get --raw /api/v1/nodes/<node>/proxy/configz | jq .kubeletconfig.shutdownGracePeriod',
        shows: '"0s"',
      },
      {
        command: 'journalctl -b -1 -u kubelet | grep -i shutdown',
        shows: 'on the node: whether it noticed the last shutdown',
      },
    ],
    remedies: [
      { text: 'set shutdownGracePeriod and shutdownGracePeriodCriticalPods in the KubeletConfiguration' },
      { text: 'dbus and systemd-logind must run on the node: systemd-inhibit --list must show the kubelet' },
    ],
    upstream: ['kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#graceful-node-shutdown'],
  },
  'recovery.unexplained': {
    meaning: 'No other cause was found; the summary lists what is not as it should be.',
    cause:
      'Something did not hold in time, and none of the causes that clusterproof knows was found when it looked. It may have ' +
      'gone by then: the journal has what happened, on one clock.',
    evidence: [
      { command: 'kubectl get nodes,pods -A -o wide', shows: 'what is not as it should be' },
      { command: 'kubectl get events -A --sort-by=.lastTimestamp', shows: 'what the components say of it' },
      {
        command: `jq -c 'select(.source != "probe")' reports/out/journal/<journal>.jsonl`,
        shows: 'what happened, in its order',
      },
    ],
    remedies: [{ text: "read the bundle beside the verdict: objects, events and every component's log" }],
    upstream: [],
  },
} as const satisfies Record<string, CatalogEntry>
