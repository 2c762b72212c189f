import type { CatalogEntry } from './catalog-entry.ts'

const spegelDocs = 'spegel.dev/docs'

/** What goes wrong with mirrors of images inside a cluster. */
export const mirrorEntries = {
  'mirror.stale-leader': {
    remedies: [
      'restart the DaemonSet (kubectl rollout restart daemonset …): every instance takes part in the election anew',
      "use a version whose elector is restarted, or that elects nobody (Spegel from v0.0.29 on); k3s' embedded registry needs no election",
      'do not trust its health: an instance that takes itself for the leader answers 200 without any peer',
    ],
    upstream: [
      'spegel-org/spegel#333',
      'xenitab/spegel internal/routing/bootstrap.go: the elector ends with its first lost renewal',
    ],
  },
  'mirror.alone': {
    remedies: [
      'run it on two nodes at least: its readiness asks for a peer, and its startup probe ends an instance that has none',
      'on a cluster of one node leave the mirror out: there is no neighbour to have an image from',
    ],
    upstream: ['spegel-org/spegel#1256', 'spegel pkg/routing/p2p.go: routing table is empty after bootstrapping'],
  },
  'mirror.no-peer': {
    remedies: [
      'let the instances reach each other: TCP (and UDP) 5001 between their pods',
      'look at how they find each other: the election lock, or the headless Service of the bootstrap',
    ],
    upstream: ['spegel-org/spegel#1256', `${spegelDocs}/faq`],
  },
  'mirror.not-resolved': {
    remedies: [
      'look at the neighbour that has the image: is its instance Ready, does it advertise the image (spegel_advertised_images)',
      'raise mirrorResolveTimeout where the network is slow',
    ],
    upstream: [`${spegelDocs}/troubleshooting`],
  },
  'mirror.upstream-asked': {
    remedies: [
      "look at containerd's hosts.toml of the registry: the mirror must stand before the upstream, and its instance must answer",
      'containerd goes on to the next host on an error or a 404 of the mirror: its log names each (trying next host)',
    ],
    upstream: ['github.com/containerd/containerd/blob/main/docs/hosts.md'],
  },
  'mirror.no-fallback': {
    remedies: [
      'the mirror must answer 404 within its resolve time-out where nobody has an image, so that containerd asks the upstream next',
      "the upstream must be the last host of containerd's hosts.toml (server = …)",
    ],
    upstream: ['github.com/containerd/containerd/blob/main/docs/hosts.md'],
  },
  'mirror.socket-missing': {
    remedies: [
      "set the path of containerd's socket: /run/containerd/containerd.sock, on k3s and RKE2 /run/k3s/containerd/containerd.sock (Spegel's chart: spegel.containerdSock)",
    ],
    upstream: ['docs.k3s.io/advanced', `${spegelDocs}/getting-started`],
  },
  'mirror.socket-denied': {
    remedies: [
      "the socket is root's (0660): run the mirror as root, or in the group of the socket's file",
      'look for what else keeps it away: SELinux labels, a read-only or masked mount',
    ],
    upstream: ['github.com/containerd/containerd/blob/main/docs/ops.md'],
  },
  'mirror.dead-provider': {
    remedies: [
      'wait, or try again: what is asked of a machine that is gone is given up, and now and then another is asked first; its records lapse after 19 min (Spegel v0.7)',
      'raise mirrorResolveTimeout above the time that a dial to a dead machine takes (about 3 s), so that the next provider is asked in the same request',
      'let containerd reach the upstream meanwhile: it is asked whenever the mirror gives up',
    ],
    upstream: [
      'github.com/spegel-org/spegel/blob/main/pkg/routing/p2p.go: ProvideValidity(AdvertiseTTL + 2 × MaxReprovideDelay)',
    ],
  },
  'mirror.instance-down': {
    remedies: ['look at the pod of the instance: kubectl describe, its log and its previous log'],
    upstream: ['kubernetes.io/docs/tasks/debug/debug-application/debug-pods'],
  },
  'mirror.disturbed': {
    remedies: [
      'the instances that were there before must serve on while nodes join or leave: read their logs in the bundle',
    ],
    upstream: [`${spegelDocs}/architecture`],
  },
} as const satisfies Record<string, CatalogEntry>
