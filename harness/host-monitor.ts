import { readFileSync } from 'node:fs'

import { type Neighbours, nobody, Turn } from './admission/turn.ts'
import type { Clock } from './clock.ts'
import { ContainerTime, type ContainerTimes } from './container-time.ts'

/** One look at the host. */
export interface HostSample {
  /** Milliseconds of the run's clock. */
  readonly t: number
  /** Microseconds since the host's boot in which some runnable task waited for a processor; null: not known here. */
  readonly cpuStallUs: number | null
  /** Processor time of all processors since the host's boot; null: not known here. */
  readonly time: ProcessorTime | null
  /** How much later than asked for this sample was taken, in milliseconds. */
  readonly lateMs: number
}

/** Milliseconds of all processors together, which only grow. */
export interface ProcessorTime {
  /** In which they could have worked. */
  readonly allMs: number
  /** In which they worked for others who do not yield, or stood still for another machine's sake. */
  readonly claimedMs: number
  /** In which they had nothing to do. */
  readonly idleMs: number
}

const intervalMs = 250

/** Above this share of the time with tasks waiting for a processor, a missed deadline blames nobody. */
const stallShareLimit = 0.9

/**
 * Tasks that wait may be ones that yield to the clusters under test: a build at nice 19, a cluster that is starting
 * (harness/admission/yielding-start.ts). Or they are the cluster's own, which a fault may bring to claim all that there is:
 * an API server that has lost its etcd takes one and a half of two processors. Where all others together claim no more
 * than half of the time, the cluster could have the other half.
 */
const claimedShareLimit = 0.5

/** Unit of /proc/stat: USER_HZ is 100 on every architecture that Kubernetes has images for. */
const tickMs = 10

/** A sample this late means that the host, or this process, stood still. */
const standstillMs = 2_000

/** Samples kept: one hour. */
const capacity = (3_600 * 1_000) / intervalMs

/** Watches whether the host gives the clusters the processor time that deadlines assume. */
export class HostMonitor implements Disposable {
  readonly #clock: Clock
  readonly #samples: HostSample[] = []
  readonly #containers = new ContainerTime()
  readonly #timer: NodeJS.Timeout
  #due: number
  /** When scenarios may begin. */
  readonly turn: Turn

  /** @param neighbours the run's other clusters on this host */
  constructor(clock: Clock, neighbours: Neighbours = nobody) {
    this.#clock = clock
    this.turn = new Turn(neighbours, (overMs) => this.#claimedByOthers(overMs))
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

  /** Milliseconds between the two moments in which tasks waited for a processor and others had them, as far as is known. */
  keptMs(since: number, until: number): number {
    this.#sample()
    return keptFrom(this.#samples, since, until)
  }

  /** A machine of the cluster that is judged: what it takes itself, it is not short of. */
  own(container: string): void {
    this.#containers.own(container)
  }

  #claimedByOthers(overMs: number): number | null {
    this.#sample()
    const last = this.#samples.at(-1)
    const first = this.#samples.findLast(({ t }) => last !== undefined && t <= last.t - overMs)
    return claimedShare(first?.time ?? null, last?.time ?? null)
  }

  #sample(): void {
    const t = this.#clock.now()
    this.#samples.push({
      t,
      cpuStallUs: cpuStall(),
      time: processorTime(this.#containers.look()),
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
  const claimed = claimedShare(first.time, last.time)
  if (claimed !== null && claimed <= claimedShareLimit) return null
  return `the host was short of processors: tasks waited for one in ${Math.round(share * 100)} % of the time`
}

/**
 * What others kept from the cluster: of each interval the share in which tasks waited, times what others claimed of the
 * processors; and all of a standstill. Of intervals that the span begins or ends in, as much as is within.
 */
export function keptFrom(samples: readonly HostSample[], since: number, until: number): number {
  let keptMs = 0
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1]
    if (before === undefined || sample.t <= before.t) continue
    const withinMs = Math.min(sample.t, until) - Math.max(before.t, since)
    if (withinMs > 0) keptMs += withinMs * keptShare(before, sample)
  }
  return keptMs
}

function keptShare(before: HostSample, { t, cpuStallUs, time, lateMs }: HostSample): number {
  const passedMs = t - before.t
  if (lateMs > standstillMs) return Math.min(1, lateMs / passedMs)
  return waitedShare(before, { cpuStallUs, time }, passedMs) * (claimedShare(before.time, time) ?? 0)
}

/** The share of an interval in which tasks waited for a processor. */
function waitedShare(
  before: HostSample,
  { cpuStallUs, time }: Pick<HostSample, 'cpuStallUs' | 'time'>,
  passedMs: number,
) {
  if (cpuStallUs !== null && before.cpuStallUs !== null) {
    return Math.min(1, (cpuStallUs - before.cpuStallUs) / 1_000 / passedMs)
  }
  // The kernel does not tell: none where a processor had nothing to do all the while, else it may have been all of it.
  const idleMs = (time?.idleMs ?? 0) - (before.time?.idleMs ?? 0)
  return idleMs >= passedMs ? 0 : 1
}

/** Null: it is not known of both moments, or there is no time between them. */
function claimedShare(first: ProcessorTime | null, last: ProcessorTime | null): number | null {
  if (first === null || last === null || last.allMs <= first.allMs) return null
  return (last.claimedMs - first.claimedMs) / (last.allMs - first.allMs)
}

/** `some` total of /proc/pressure/cpu (pressure stall information), where the kernel has it. */
function cpuStall(): number | null {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1]
    return total === undefined ? null : Number(total)
  } catch {
    return null
  }
}

/** The first line of /proc/stat, where the kernel has it: user, nice, system, idle, iowait, irq, softirq, steal. */
export function processorTime({ yieldedMs, ownMs }: ContainerTimes): ProcessorTime | null {
  try {
    const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? ''
    const ticks = line.split(/\s+/).slice(1, 9).map(Number)
    const [user = 0, , system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = ticks
    const allMs = ticks.reduce((sum, each) => sum + each, 0) * tickMs
    const claimedMs = (user + system + irq + softirq + steal) * tickMs - yieldedMs - ownMs
    return { allMs, claimedMs, idleMs: (idle + iowait) * tickMs }
  } catch {
    return null
  }
}
