/** How much of the host is taken, as measured over the last seconds. */
export interface HostLoad {
  /** Share of the processors' time that went to who yields to nobody (harness/host-monitor.ts). */
  readonly claimed: number
  /** Bytes that programs can have without making others swap. */
  readonly availableBytes: number
}

/** A cluster of this run that was let in. */
export interface Admitted {
  /**
   * `starting`: it takes what processors there are. `ready`: it is up, and waits until it may be tested. A start that does
   * not yield is part of a test.
   */
  readonly state: 'starting' | 'ready' | 'tested'
  /** How much longer it should be there, in milliseconds, by what its file took before; 0 and less: it may go at any time. */
  readonly leftMs: number
}

/** A start that yields took 30 to 95 s beside two clusters, and one that waits takes a tenth of two processors. */
const aheadMs = 120_000

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

/** What is asked for it. */
export interface Wish extends Candidate {
  /** How long it should be there, in milliseconds; 0: nobody knows. */
  readonly expectedMs: number
}

/**
 * Why one more cluster has to wait; null: there is room for it. The first one is always let in: nothing would go on else. One
 * that yields may start ahead, while as many as may be are tested, once one of them should be done soon.
 * @param load null: nothing was measured for long enough
 */
export function reasonToWait(
  { machines, yields }: Candidate,
  present: readonly Admitted[],
  load: HostLoad | null,
  atOnce: number,
): string | null {
  if (present.length === 0) return null
  const ahead = present.find(({ state }) => state !== 'tested')
  if (ahead !== undefined)
    return ahead.state === 'starting' ? 'another cluster is starting' : 'another cluster is ahead'
  if (present.length >= atOnce) {
    if (!yields) return areTested(present.length)
    if (present.every(({ leftMs }) => leftMs > aheadMs)) return 'no other cluster should be done soon'
  }
  if (load === null) return 'nothing is known of the host yet'
  const needed = machines * machineBytes + reserveBytes
  if (load.availableBytes < needed) {
    return `${inMebibytes(load.availableBytes)} are available, and ${machines} machines need ${inMebibytes(needed)}`
  }
  return load.claimed > (yields ? claimedLimit : claimedLimitOfBoots) ? areBusy(load) : null
}

/**
 * Why a cluster that is up has to wait before it is tested; null: it need not. Beside one whose scenarios take turns
 * (harness/admission/turn.ts) there is room on two processors; beside several what they claim says whether there is.
 */
export function reasonToIdle(tested: number, load: HostLoad | null, atOnce: number): string | null {
  if (tested >= atOnce) return areTested(tested)
  if (tested <= 1) return null
  if (load === null) return 'nothing is known of the host yet'
  return load.claimed > claimedLimit ? areBusy(load) : null
}

function areTested(count: number): string {
  return count === 1 ? 'another cluster is tested' : `${count} clusters are tested`
}

function areBusy({ claimed }: HostLoad): string {
  return `the processors are busy for ${Math.round(claimed * 100)} %`
}

function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MiB`
}
