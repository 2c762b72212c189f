/** How much of the host is taken, as measured over the last seconds. */
export interface HostLoad {
  /** Share of the time in which some task waited for a processor (pressure stall information); null: not known here. */
  readonly stalled: number | null
  /** Share of the processors' time that was used. */
  readonly busy: number
  /** Bytes that programs can have without making others swap. */
  readonly availableBytes: number
}

/** A cluster of this run. */
export interface Admitted {
  readonly machines: number
  /** Until it is Ready it takes what processors there are. */
  readonly starting: boolean
}

const mebibyte = 2 ** 20

/** A control plane with etcd took 462 MiB, one without 453, a worker 85 (`npm run bench -- --startup`). */
const machineBytes = 512 * mebibyte

/** What is left to everybody else. */
const reserveBytes = 1_024 * mebibyte

/**
 * Above this share of the time with tasks waiting, one more cluster would take from those that are there what their
 * deadlines assume: a verdict is in doubt from 0.9 on (harness/host-monitor.ts), and a start adds the most.
 */
const stalledLimit = 0.5

/** In its place where the kernel tells nothing of waiting tasks. */
const busyLimit = 0.7

/** Why one more cluster has to wait; null: there is room for it. The first one is always let in: nothing would go on else. */
export function reasonToWait(machines: number, present: readonly Admitted[], load: HostLoad): string | null {
  if (present.length === 0) return null
  if (present.some(({ starting }) => starting)) return 'another cluster is starting'
  const needed = machines * machineBytes + reserveBytes
  if (load.availableBytes < needed) {
    return `${inMebibytes(load.availableBytes)} are available, and ${machines} machines need ${inMebibytes(needed)}`
  }
  if (load.stalled === null) return load.busy > busyLimit ? `processors are busy for ${inPercent(load.busy)}` : null
  return load.stalled > stalledLimit ? `tasks wait for a processor in ${inPercent(load.stalled)} of the time` : null
}

function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MiB`
}

function inPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}
