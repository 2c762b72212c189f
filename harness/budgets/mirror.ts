import { type Budget, budget, type Term } from './budget.ts'
import { podStartup, probePeriod } from './constants.ts'

/** libp2p's table of peers is filled anew this often: what its first try missed comes with the next. */
const kadBootstrap: Term = {
  name: 'kad-dht bootstrap period',
  ms: 120_000,
  source: 'libp2p go-libp2p-kad-dht: every 2 min',
}

/** An instance finds a peer: with the next bootstrap at the latest. */
export const peerFound: Budget = budget(kadBootstrap, {
  name: 'dial and handshake',
  ms: 10_000,
  source: 'spegel pkg/routing/p2p.go: 10 s for a bootstrap',
})

/**
 * Who has an image is known of by what it said itself, and for that long: a machine that is off is still asked, and what
 * is asked of it first is given up before the next one's turn.
 */
export const providerRecord: Term = {
  name: 'what a machine that is gone has said of itself',
  ms: 19 * 60_000,
  source: 'spegel pkg/routing/p2p.go: AdvertiseTTL 15 min + 2 × MaxReprovideDelay 2 min',
}

/** An instance that answers no more ceases to be Ready within this. Spegel's chart gives its probe no limits of its own. */
export const readinessLost: Budget = budget({
  name: 'readiness probe',
  ms: 30_000,
  source: 'kubelet: periodSeconds 10 × failureThreshold 3, the defaults of a probe',
})

/** An instance that was replaced is Ready. */
export function instanceReady(startup: Term): Budget {
  return budget(podStartup, startup, probePeriod)
}

/**
 * A container runtime has an image, from wherever it comes: each mirror says within its resolve time whether anybody has
 * it, for the manifest and for each blob; what it has missed is found in the kubelet's next attempt.
 */
export function imagePulled(bytes: number, { resolve }: { readonly resolve: Term }): Budget {
  return budget(
    { ...resolve, name: `${resolve.name} × 4`, ms: resolve.ms * 4 },
    {
      name: 'transfer at 5 MB/s',
      ms: bytes / 5_000,
      source: 'harness: less than a hundredth of what was measured, 720 MB/s',
    },
    { ...podStartup, name: 'unpacking and CRI' },
    { name: "the kubelet's next attempt", ms: 10_000, source: 'kubelet: image back-off 10 s' },
    {
      name: "containerd's dial to a black hole",
      ms: 30_000,
      source: 'containerd docker resolver: Dialer.Timeout 30 s',
    },
  )
}
