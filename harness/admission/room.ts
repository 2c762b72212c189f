/** How much of the host is taken, as measured over the last seconds. */
export interface HostLoad {
  /** Share of the processors' time that went to who yields to nobody (harness/host-monitor.ts). */
  readonly claimed: number
  /** Bytes that programs can have without making others swap. */
  readonly availableBytes: number
}

/** A cluster of this run. */
export interface Admitted {
  /** Until it is Ready it takes what processors there are. */
  readonly starting: boolean
}

const mebibyte = 2 ** 20

/** A control plane with etcd took 462 MiB, one without 453, a worker 85 (`npm run bench -- --startup`). */
const machineBytes = 512 * mebibyte

/** What is left to everybody else. */
const reserveBytes = 1_024 * mebibyte

/**
 * Above this share, one more cluster would take from those that are there what their deadlines assume. A cluster in the
 * midst of a fault claims a quarter of two processors, and above a half a verdict is in doubt (harness/host-monitor.ts).
 */
export const claimedLimit = 0.45

/** Of a start that does not yield: it takes its part of two processors at once. */
const claimedLimitOfBoots = 0.35

/** What is to be let in. */
export interface Candidate {
  readonly machines: number
  /** Whether it leaves the processors to those that are there (harness/admission/yielding-start.ts). */
  readonly yields: boolean
}

/**
 * Why one more cluster has to wait; null: there is room for it. The first one is always let in: nothing would go on else.
 * @param load null: nothing was measured for long enough
 */
export function reasonToWait(
  { machines, yields }: Candidate,
  present: readonly Admitted[],
  load: HostLoad | null,
): string | null {
  if (present.length === 0) return null
  if (load === null) return 'nothing is known of the host yet'
  if (present.some(({ starting }) => starting)) return 'another cluster is starting'
  const needed = machines * machineBytes + reserveBytes
  if (load.availableBytes < needed) {
    return `${inMebibytes(load.availableBytes)} are available, and ${machines} machines need ${inMebibytes(needed)}`
  }
  const limit = yields ? claimedLimit : claimedLimitOfBoots
  return load.claimed > limit ? `the processors are busy for ${Math.round(load.claimed * 100)} %` : null
}

function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MiB`
}
