import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Where engines keep the cgroups of their containers, and how those tell a container's weight and what it has used. */
interface Hierarchy {
  readonly folder: string
  /** File with the weight, and below which number of it a container yields (harness/admission/yielding-start.ts). */
  readonly weight: { readonly file: string; readonly below: number }
  /** Milliseconds of processor time that the container of this name has had. */
  readonly usedMs: (container: string) => number
}

/** `cpu.shares` is 1024 unless somebody gave others; `cpu.weight` of as many is 39 or 100, by the runtime's version. */
const belowShares = 512
const belowWeight = 20

/** Those that there may be: of cgroup v1 and v2, with cgroups by the engine and by systemd. */
export function hierarchiesIn(root = '/sys/fs/cgroup'): Hierarchy[] {
  const v1 = ['docker', 'system.slice'].map((parent): Hierarchy => {
    const accounts = path.join(root, 'cpuacct', parent)
    return {
      folder: path.join(root, 'cpu', parent),
      weight: { file: 'cpu.shares', below: belowShares },
      usedMs: (container) => Number(read(path.join(accounts, container, 'cpuacct.usage'))) / 1e6,
    }
  })
  const v2 = ['docker', 'system.slice'].map((parent): Hierarchy => {
    const folder = path.join(root, parent)
    const usage = (container: string) => /^usage_usec (\d+)$/m.exec(read(path.join(folder, container, 'cpu.stat')))
    return {
      folder,
      weight: { file: 'cpu.weight', below: belowWeight },
      usedMs: (container) => Number(usage(container)?.[1] ?? 0) / 1_000,
    }
  })
  return [...v1, ...v2]
}

/** Processor time of containers, in milliseconds since the first look; where nothing can be read, none has any. */
export interface ContainerTimes {
  /** Of those that yielded to all others meanwhile. */
  readonly yieldedMs: number
  /** Of those that were named, and did not yield. */
  readonly ownMs: number
}

/** Adds up the processor time of containers that yield, and of those that are one's own. */
export class ContainerTime {
  readonly #hierarchies: readonly Hierarchy[]
  readonly #own = new Set<string>()
  /** What each had used at the last look, in milliseconds, and whether it yielded then. */
  #before = new Map<string, { readonly usedMs: number; readonly yields: boolean }>()
  #times: ContainerTimes = { yieldedMs: 0, ownMs: 0 }

  constructor(hierarchies: readonly Hierarchy[] = hierarchiesIn()) {
    this.#hierarchies = hierarchies
  }

  /** @param id of the container, as the engine has it: 64 hexadecimal digits */
  own(id: string): void {
    this.#own.add(id)
  }

  look(): ContainerTimes {
    const seen = new Map<string, { readonly usedMs: number; readonly yields: boolean }>()
    let { yieldedMs, ownMs } = this.#times
    for (const { folder, weight, usedMs } of this.#hierarchies) {
      for (const container of containersIn(folder)) {
        const given = read(path.join(folder, container, weight.file))
        if (given === '') continue
        const yields = Number(given) < weight.below
        const isOwn = this.#own.has(/[0-9a-f]{64}/.exec(container)?.[0] ?? '')
        if (!yields && !isOwn) continue
        const key = path.join(folder, container)
        const now = usedMs(container)
        seen.set(key, { usedMs: now, yields })
        const before = this.#before.get(key)
        // One that was started again counts from nothing.
        const spent = before === undefined || before.yields !== yields ? 0 : now - Math.min(before.usedMs, now)
        if (yields) yieldedMs += spent
        else ownMs += spent
      }
    }
    this.#before = seen
    this.#times = { yieldedMs, ownMs }
    return this.#times
  }
}

/** The engine's containers: by their id alone, or as a unit of systemd. */
function containersIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^(?:docker-)?[0-9a-f]{64}(?:\.scope)?$/.test(name))
  } catch {
    return []
  }
}

/** Empty: it is not there, or not any more. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
