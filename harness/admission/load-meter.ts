import { readFileSync } from 'node:fs'
import { cpus, freemem } from 'node:os'

import { type ProcessorTime, processorTime } from '../host-monitor.ts'
import { ContainerTime, type ContainerTimes } from '../container-time.ts'
import type { HostLoad } from './room.ts'

type Worked = Omit<ProcessorTime, 'idleMs'>

/** Counters of the host that only grow. */
export interface HostCounters extends Worked {
  readonly atMs: number
}

/** How far back looks are kept, in milliseconds. */
const longestWindowMs = 30_000

/** Measures the host's load over the last seconds, by looks that are taken now and then. */
export class LoadMeter {
  readonly #looks: HostCounters[] = []
  readonly #containers = new ContainerTime()

  look(counters = readCounters(this.#containers.look())): void {
    this.#looks.push(counters)
    while ((this.#looks[1]?.atMs ?? Infinity) <= counters.atMs - longestWindowMs) this.#looks.shift()
  }

  /** What was before says nothing of what comes. */
  forget(): void {
    this.#looks.splice(0)
  }

  /** The load over the last so many milliseconds, 30 s at most; null: the looks do not go back so far. */
  over(windowMs: number, availableBytes = available()): HostLoad | null {
    const last = this.#looks.at(-1)
    if (last === undefined) return null
    const first = this.#looks.findLast(({ atMs }) => atMs <= last.atMs - windowMs)
    if (first === undefined) return null
    return { claimed: (last.claimedMs - first.claimedMs) / (last.allMs - first.allMs), availableBytes }
  }
}

function readCounters(times: ContainerTimes): HostCounters {
  return { atMs: performance.now(), ...(processorTime(times) ?? processorTimeAnywhere()) }
}

/** Where the kernel is not Linux: Node.js tells how long processors worked, and not of clusters that yield in the engine's machine. */
function processorTimeAnywhere(): Worked {
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
