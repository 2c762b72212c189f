import { readFileSync } from 'node:fs'

import type { Clock } from './clock.ts'

/** One look at the host. */
export interface HostSample {
  /** Milliseconds of the run's clock. */
  readonly t: number
  /** Microseconds since the host's boot in which some runnable task waited for a processor; null: not known here. */
  readonly cpuStallUs: number | null
  /** Milliseconds that this process's main thread was runnable and waited for a processor; left out: not known here. */
  readonly queuedMs?: number | undefined
  /** Milliseconds of processor time that this process has had. */
  readonly ranMs?: number
  /** How much later than asked for this sample was taken, in milliseconds. */
  readonly lateMs: number
}

const intervalMs = 250

/** Above this share of the time with tasks waiting for a processor, a missed deadline blames nobody. */
const stallShareLimit = 0.9

/**
 * Tasks that wait may be ones that yield to everybody (a build at nice 19). The harness itself runs at the ordinary
 * priority of the nodes' processes: only where it waits for a processor longer than it has one are those held up too.
 */
const queuedShareLimit = 0.5

/** A sample this late means that the host, or this process, stood still. */
const standstillMs = 2_000

/** Samples kept: one hour. */
const capacity = (3_600 * 1_000) / intervalMs

/** Watches whether the host gives the clusters the processor time that deadlines assume. */
export class HostMonitor implements Disposable {
  readonly #clock: Clock
  readonly #samples: HostSample[] = []
  readonly #timer: NodeJS.Timeout
  #due: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#due = clock.now()
    this.#sample()
    this.#timer = setInterval(() => this.#sample(), intervalMs)
    this.#timer.unref()
  }

  /** Why nothing can be concluded from what was late between the two moments; null where the host kept up. */
  slowness(since: number, until: number): string | null {
    // The timer that would tell of a standstill may come after the one that asks.
    this.#sample()
    return judgeHost(this.#samples, since, until)
  }

  #sample(): void {
    const t = this.#clock.now()
    this.#samples.push({
      t,
      cpuStallUs: cpuStallUs(),
      queuedMs: queued(),
      ranMs: ran(),
      lateMs: Math.max(0, t - this.#due),
    })
    if (this.#samples.length > capacity) this.#samples.shift()
    this.#due = t + intervalMs
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

/** The judgement on its own: null where the host kept up, else a sentence with the figure. */
export function judgeHost(samples: readonly HostSample[], since: number, until: number): string | null {
  // A late sample tells of the time before it: a standstill that `until` lies in is seen only after it.
  const standstills = samples.filter(({ t, lateMs }) => t >= since && t - lateMs <= until)
  const late = Math.max(0, ...standstills.map(({ lateMs }) => lateMs))
  if (late > standstillMs) return `the host stood still for ${(late / 1_000).toFixed(1)} s`
  const known = samples.filter(({ t, cpuStallUs }) => t >= since && t <= until && cpuStallUs !== null)
  const [first] = known
  const last = known.at(-1)
  if (first === undefined || last === undefined || last.t <= first.t) return null
  const share = ((last.cpuStallUs ?? 0) - (first.cpuStallUs ?? 0)) / 1_000 / (last.t - first.t)
  if (share <= stallShareLimit) return null
  if (first.queuedMs !== undefined && last.queuedMs !== undefined) {
    const waited = last.queuedMs - first.queuedMs
    const had = (last.ranMs ?? 0) - (first.ranMs ?? 0)
    if (waited <= queuedShareLimit * (waited + had)) return null
  }
  return `the host was short of processors: tasks waited for one in ${Math.round(share * 100)} % of the time`
}

/** `some` total of /proc/pressure/cpu (pressure stall information), where the kernel has it. */
export function cpuStallUs(): number | null {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1]
    return total === undefined ? null : Number(total)
  } catch {
    return null
  }
}

function ran(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Second field of /proc/self/schedstat, in nanoseconds, where the kernel has it. */
function queued(): number | undefined {
  try {
    const delay = readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]
    return delay === undefined ? undefined : Number(delay) / 1e6
  } catch {
    return undefined
  }
}
