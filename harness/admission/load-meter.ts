import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem } from 'node:os'

import { cpuStallUs } from '../host-monitor.ts'
import type { HostLoad } from './room.ts'

/** Counters of the host that only grow. */
export interface HostCounters {
  readonly atMs: number
  /** Microseconds in which some task waited for a processor; null: not known here. */
  readonly stallUs: number | null
  /** Milliseconds of processor time used, of all processors together. */
  readonly usedMs: number
}

/** How far back the load is measured: a start takes ten times as long, a look at an API a tenth. */
const windowMs = 3_000

/** Measures the host's load over the last seconds, each time it is told to look. */
export class LoadMeter {
  readonly #looks: HostCounters[] = []

  /** The load since the oldest look of the window; null: there is no such look yet. */
  look(counters = readCounters(), availableBytes = available()): HostLoad | null {
    this.#looks.push(counters)
    while (this.#looks.length > 2 && (this.#looks[1]?.atMs ?? 0) <= counters.atMs - windowMs) this.#looks.shift()
    const [first] = this.#looks
    if (first === undefined || counters.atMs - first.atMs < windowMs) return null
    return loadBetween(first, counters, availableBytes)
  }
}

export function loadBetween(first: HostCounters, last: HostCounters, availableBytes: number): HostLoad {
  const ms = last.atMs - first.atMs
  const stalled = first.stallUs === null || last.stallUs === null ? null : (last.stallUs - first.stallUs) / 1_000 / ms
  return { stalled, busy: (last.usedMs - first.usedMs) / ms / availableParallelism(), availableBytes }
}

function readCounters(): HostCounters {
  const usedMs = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
  return { atMs: performance.now(), stallUs: cpuStallUs(), usedMs }
}

/** `MemAvailable` of /proc/meminfo, where the kernel has it. What only is free would leave out what caches hold. */
function available(): number {
  try {
    const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
    return kibibytes === undefined ? freemem() : Number(kibibytes) * 1_024
  } catch {
    return freemem()
  }
}
