import { readFileSync } from 'node:fs'
import { cpus, freemem } from 'node:os'

import { type ProcessorTime, processorTime } from '../host-monitor.ts'
import { YieldedTime } from '../yielded-time.ts'
import type { HostLoad } from './room.ts'

/** Counters of the host that only grow. */
export interface HostCounters extends ProcessorTime {
  readonly atMs: number
}

/** How far back the load is measured: what a cluster does in the midst of a fault comes in bursts of seconds. */
const windowMs = 5_000

/** Measures the host's load over the last seconds, each time it is told to look. */
export class LoadMeter {
  readonly #looks: HostCounters[] = []
  readonly #yielded = new YieldedTime()

  /** The load since the oldest look of the window; null: there is no such look yet. */
  look(counters = readCounters(this.#yielded.look()), availableBytes = available()): HostLoad | null {
    this.#looks.push(counters)
    while (this.#looks.length > 2 && (this.#looks[1]?.atMs ?? 0) <= counters.atMs - windowMs) this.#looks.shift()
    const [first] = this.#looks
    if (first === undefined || counters.atMs - first.atMs < windowMs) return null
    return { claimed: (counters.claimedMs - first.claimedMs) / (counters.allMs - first.allMs), availableBytes }
  }
}

function readCounters(yieldedMs: number): HostCounters {
  return { atMs: performance.now(), ...(processorTime(yieldedMs) ?? processorTimeAnywhere()) }
}

/** Where the kernel is not Linux: Node.js tells how long processors worked, and not of clusters that yield in the engine's machine. */
function processorTimeAnywhere(): ProcessorTime {
  const times = cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({ worked: user + nice + sys + irq, idle }))
  const claimedMs = times.reduce((sum, { worked }) => sum + worked, 0)
  return { claimedMs, allMs: times.reduce((sum, { idle }) => sum + idle, claimedMs) }
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
