import type { CatalogEntry } from './catalog-entry.ts'

const spegelDocs = 'spegel.dev/docs'

/** For mirrors as Spegel's chart installs them. */
const log = 'kubectl -n spegel logs -l app.kubernetes.io/name=spegel --prefix --tail=200'
const pods = 'kubectl -n spegel get pods -o wide'
const peers = {
  command: 'nsenter -t $(pgrep -o spegel) -n ss -tn state established "( sport = :5001 or dport = :5001 )"',
  shows: 'on the node: no connection to another instance',
}
const ask =
  'curl -sI "http://localhost:30020/v2/<repository>/manifests/<tag>?ns=<registry>" # with the port that hosts.toml names'

/** What goes wrong with mirrors of images inside a cluster. */
export const mirrorEntries = {
  'mirror.stale-leader': {
    meaning: 'An instance says "leader is self" since another took the lock.',
    cause:
      'Spegel up to v0.0.28 finds its peers through the leader of an election. In v0.0.14 the elector ends with the first ' +
      'renewal that is lost, and nobody starts it again: the instance goes on to think that it leads, skips itself as the ' +
      'node to bootstrap from, and connects to nobody. When the true leader is replaced, that one leads too and has nobody to ' +
      'bootstrap from. Both are Ready, health says 200, and no image of one is found by the other.',
    evidence: [
      {
        command: `${log} | grep "leader is self skipping connection to bootstrap node"`,
        shows: 'more than one instance that says so; only that of the holder may',
      },
      { command: 'kubectl -n spegel get lease -o yaml | grep holderIdentity', shows: 'who holds the lock' },
      { ...peers, shows: 'on the nodes: no connection between instances that are Ready' },
      { command: ask, shows: 'on the new node: 500 for an image that its neighbour has' },
    ],
    remedies: [
      {
        text: 'restart the DaemonSet (kubectl rollout restart daemonset …): every instance takes part in the election anew',
        measured: {
          effect:
            'the second machine had its image from the first 28 s and 126 s after the restart began, in two runs (libp2p looks for peers every 120 s)',
          by: 'mirror.stale-leader-v0.0.14',
        },
      },
      {
        text: "use a version whose elector is restarted, or that elects nobody (Spegel from v0.0.29 on); k3s' embedded registry needs no election",
        measured: {
          effect: 'Spegel v0.7.4 conforms in the same sequence: 5 of 5, where v0.0.14 violates 5 of 5',
          by: 'mirror.stale-leader-v0.7.4',
        },
      },
      { text: 'do not trust its health: an instance that takes itself for the leader answers 200 without any peer' },
    ],
    upstream: [
      'spegel-org/spegel#333',
      'xenitab/spegel internal/routing/bootstrap.go: the elector ends with its first lost renewal',
    ],
  },
  'mirror.alone': {
    meaning: 'The only instance does not get Ready: its readiness asks for a peer.',
    cause:
      'An instance of Spegel v0.7.4 is Ready once its table of peers is not empty. On a cluster of one node there is no peer: ' +
      'it never is, and its startup probe ends it again and again, although there is nothing wrong with it.',
    evidence: [
      { command: pods, shows: 'one instance, not Ready, with restarts' },
      {
        command: 'kubectl -n spegel describe pod <pod>',
        shows: '"Startup probe failed: HTTP probe failed with statuscode: 500"',
      },
      { command: log, shows: '"routing table is empty after bootstrapping"' },
    ],
    remedies: [
      {
        text: 'run it on two nodes at least: its readiness asks for a peer, and its startup probe ends an instance that has none',
        measured: {
          effect: 'where a second machine joined, peers were found after 14 to 20 s',
          by: 'mirror.scale-out-v0.7.4',
        },
      },
      { text: 'on a cluster of one node leave the mirror out: there is no neighbour to have an image from' },
    ],
    upstream: ['spegel-org/spegel#1256', 'spegel pkg/routing/p2p.go: routing table is empty after bootstrapping'],
  },
  'mirror.no-peer': {
    meaning: 'An instance has no connection to another.',
    cause:
      'Instances find each other by the lock of their election, or by a headless Service, and then connect to port 5001. An ' +
      'instance that is cut off, that does not get the names, or that comes while the others look only every two minutes ' +
      '(libp2p) has nobody to ask.',
    evidence: [
      peers,
      {
        command: 'kubectl -n spegel get endpointslices',
        shows: 'whether the headless Service has the other instances',
      },
      {
        command: 'kubectl -n spegel get networkpolicies -o yaml',
        shows: 'a policy that keeps TCP 5001 between the pods away',
      },
      { command: log, shows: 'dials that fail' },
    ],
    remedies: [
      { text: 'let the instances reach each other: TCP (and UDP) 5001 between their pods' },
      { text: 'look at how they find each other: the election lock, or the headless Service of the bootstrap' },
    ],
    upstream: ['spegel-org/spegel#1256', `${spegelDocs}/faq`],
  },
  'mirror.not-resolved': {
    meaning: 'Every instance is Ready and has a peer, and the image is not had from them.',
    cause:
      'The instances are connected, and the one that was asked found nobody with the image within its time to resolve. The ' +
      'neighbour has not said that it has it (it has not heard of it yet, or its record has run out), it is gone and its ' +
      'record is not, or the answer came too late.',
    evidence: [
      { command: ask, shows: 'on the node: 404 or 500, and after how long' },
      {
        command: 'kubectl get --raw /api/v1/namespaces/spegel/pods/<pod>:9090/proxy/metrics | grep spegel_advertised',
        shows: 'what the neighbour offers',
      },
      { command: 'crictl images', shows: 'on the neighbour: whether it has the image' },
    ],
    remedies: [
      {
        text: 'look at the neighbour that has the image: is its instance Ready, does it advertise the image (spegel_advertised_images)',
      },
      { text: 'raise mirrorResolveTimeout where the network is slow' },
    ],
    upstream: [`${spegelDocs}/troubleshooting`],
  },
  'mirror.not-asked': {
    meaning: 'The mirror has the image, and the container runtime of its machine does not ask it.',
    cause:
      'containerd asks the hosts of its hosts.toml and no others. Where the file names another port or another address than ' +
      "the mirror's, or belongs to another registry's name, the mirror is well, has the image, and is asked by nobody: the " +
      'pull goes to the upstream, or fails where that is out of reach.',
    evidence: [
      { command: ask, shows: 'on the node: 200' },
      {
        command: 'cat /etc/containerd/certs.d/<registry>/hosts.toml',
        shows: 'on the node: an address or a port that nobody listens at',
      },
    ],
    remedies: [
      { text: "write the mirror's own address and port into hosts.toml; containerd reads it at each pull" },
      { text: 'see that the folder bears the name of the registry as it stands in the names of images' },
    ],
    upstream: [`${spegelDocs}/troubleshooting`],
  },
  'mirror.upstream-asked': {
    meaning: 'The upstream was asked for what is inside the cluster.',
    cause:
      'containerd asks the hosts of its hosts.toml one after the other, and the upstream last. It went there because the ' +
      'mirror is not in that file, stands after it, or said no. A pull-through cache asks the upstream itself for each ' +
      'tag.',
    evidence: [
      {
        command: 'cat /etc/containerd/certs.d/<registry>/hosts.toml',
        shows: 'on the node: no mirror, or one after the upstream',
      },
      {
        command: 'journalctl -u containerd | grep "trying next host"',
        shows: "on the node: the mirror's answer that sent it on",
      },
      { command: ask, shows: 'on the node: what the mirror answers now' },
    ],
    remedies: [
      {
        text: "look at containerd's hosts.toml of the registry: the mirror must stand before the upstream, and its instance must answer",
        measured: {
          effect:
            'an image of 64 MiB for three machines: 67 MB asked of the upstream with the mirror, 201 MB without it',
          by: 'mirror.upstream-bytes',
        },
      },
      {
        text: 'containerd goes on to the next host on an error or a 404 of the mirror: its log names each (trying next host)',
      },
    ],
    upstream: ['github.com/containerd/containerd/blob/main/docs/hosts.md'],
  },
  'mirror.no-fallback': {
    meaning: 'What nobody inside has did not come, or not all of it, from the upstream.',
    cause:
      'A mirror that has not got an image must say 404 soon, so that containerd asks the upstream. One that keeps the ' +
      'request, or a hosts.toml without the upstream, ends the pull there. An image that came in part from each was there in ' +
      'part.',
    evidence: [
      { command: `time ${ask}`, shows: 'on the node: an answer that does not come within the time to resolve' },
      {
        command: 'cat /etc/containerd/certs.d/<registry>/hosts.toml',
        shows: 'on the node: no server = "…" of the upstream',
      },
      {
        command: 'journalctl -u containerd | grep -i "failed to pull"',
        shows: 'on the node: with whom the pull ended',
      },
    ],
    remedies: [
      {
        text: 'the mirror must answer 404 within its resolve time-out where nobody has an image, so that containerd asks the upstream next',
      },
      { text: "the upstream must be the last host of containerd's hosts.toml (server = …)" },
    ],
    upstream: ['github.com/containerd/containerd/blob/main/docs/hosts.md'],
  },
  'mirror.socket-missing': {
    meaning: "An instance does not find containerd's socket.",
    cause:
      "A mirror reads images through containerd's socket, by a path on the node. Distributions that bring their own " +
      'containerd keep it elsewhere: k3s and RKE2 below /run/k3s. With the wrong path the volume is not mounted or the ' +
      'instance ends, and no pull on that node is served.',
    evidence: [
      {
        command: 'ls -l /run/containerd/containerd.sock /run/k3s/containerd/containerd.sock',
        shows: 'on the node: where the socket is',
      },
      {
        command: 'kubectl -n spegel describe pod <pod>',
        shows: '"hostPath type check failed" or another error of the mount',
      },
      { command: `${log} | grep containerd.sock`, shows: 'an instance that cannot connect' },
    ],
    remedies: [
      {
        text: "set the path of containerd's socket: /run/containerd/containerd.sock, on k3s and RKE2 /run/k3s/containerd/containerd.sock (Spegel's chart: spegel.containerdSock)",
      },
    ],
    upstream: ['docs.k3s.io/advanced', `${spegelDocs}/getting-started`],
  },
  'mirror.socket-denied': {
    meaning: "An instance may not use containerd's socket.",
    cause:
      "containerd's socket is root's and nobody else's (0660). A mirror that was told to run as another user, or that a label " +
      'of SELinux or a mount keeps from it, finds the socket and is refused.',
    evidence: [
      { command: 'ls -lZ /run/containerd/containerd.sock', shows: 'on the node: owner, mode and label' },
      {
        command:
          'kubectl -n spegel get pod <pod> -o jsonpath={.spec.securityContext}{.spec.containers[*].securityContext}',
        shows: 'the user that it runs as',
      },
      { command: `${log} | grep "permission denied"`, shows: 'an instance that is refused' },
    ],
    remedies: [
      { text: "the socket is root's (0660): run the mirror as root, or in the group of the socket's file" },
      { text: 'look for what else keeps it away: SELinux labels, a read-only or masked mount' },
    ],
    upstream: ['github.com/containerd/containerd/blob/main/docs/ops.md'],
  },
  'mirror.dead-provider': {
    meaning: 'The machine of an instance does not answer, and what it had is still asked of it.',
    cause:
      'Instances tell each other in a distributed table what they have, and such a record outlives its machine: up to 19 min ' +
      'with Spegel v0.7. A request that begins with a machine that has lost its power is given up while its dial hangs ' +
      '("waited too long for inflight dials"), although another neighbour has the image.',
    evidence: [
      { command: pods, shows: 'an instance on a node that is NotReady' },
      { command: `${log} | grep "inflight dials"`, shows: 'requests that were given up while a dial hung' },
      { command: `time ${ask}`, shows: 'on the node: sometimes 200, sometimes 404 or 500, for one image' },
    ],
    remedies: [
      {
        text: 'wait, or try again: what is asked of a machine that is gone is given up, and now and then another is asked first; its records lapse after 19 min (Spegel v0.7)',
        measured: {
          effect: 'beside a machine without power, a pull took one to several attempts, and 15 s to more than 50 s',
          by: 'mirror.holder-node-lost',
        },
      },
      {
        text: 'raise mirrorResolveTimeout above the time that a dial to a dead machine takes (about 3 s), so that the next provider is asked in the same request',
      },
      { text: 'let containerd reach the upstream meanwhile: it is asked whenever the mirror gives up' },
    ],
    upstream: [
      'github.com/spegel-org/spegel/blob/main/pkg/routing/p2p.go: ProvideValidity(AdvertiseTTL + 2 × MaxReprovideDelay)',
    ],
  },
  'mirror.instance-down': {
    meaning: 'An instance is not Ready, for another cause.',
    cause:
      'An instance does not run or is not Ready, and its last words say nothing of containerd, of a leader or of peers. Pulls ' +
      'on its node go to the upstream, and nobody gets from it what its node has.',
    evidence: [
      { command: pods, shows: 'which instance, and its restarts' },
      { command: 'kubectl -n spegel describe pod <pod>', shows: 'what the kubelet waits for, or which probe ended it' },
      { command: 'kubectl -n spegel logs <pod> --previous', shows: 'its last words' },
    ],
    remedies: [{ text: 'look at the pod of the instance: kubectl describe, its log and its previous log' }],
    upstream: ['kubernetes.io/docs/tasks/debug/debug-application/debug-pods'],
  },
  'mirror.disturbed': {
    meaning: 'An instance that was there before ceased to be Ready while machines joined or left.',
    cause:
      'Instances depend on each other only for what they have. One that ceases to be Ready when another comes or goes was ' +
      'ended, lost its last peer and has a readiness that asks for one, or was replaced together with the change.',
    evidence: [
      { command: pods, shows: 'restarts, and ages that are younger than the change' },
      { command: 'kubectl -n spegel get events --sort-by=.lastTimestamp', shows: 'probes that failed, and when' },
      { command: 'kubectl -n spegel logs <pod> --previous', shows: 'its last words' },
    ],
    remedies: [
      {
        text: 'the instances that were there before must serve on while nodes join or leave: read their logs in the bundle',
      },
    ],
    upstream: [`${spegelDocs}/architecture`],
  },
} as const satisfies Record<string, CatalogEntry>
