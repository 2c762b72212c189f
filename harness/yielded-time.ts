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

/** Adds up the processor time that containers have while they yield to all others. */
export class YieldedTime {
  readonly #hierarchies: readonly Hierarchy[]
  /** What each had used at the last look at which it yielded, in milliseconds. */
  #used = new Map<string, number>()
  #totalMs = 0

  constructor(hierarchies: readonly Hierarchy[] = hierarchiesIn()) {
    this.#hierarchies = hierarchies
  }

  /** Milliseconds of processor time since the first look; where nothing can be read, nobody yields. */
  look(): number {
    const used = new Map<string, number>()
    for (const { folder, weight, usedMs } of this.#hierarchies) {
      for (const container of containersIn(folder)) {
        const given = read(path.join(folder, container, weight.file))
        if (given === '' || Number(given) >= weight.below) continue
        const key = path.join(folder, container)
        const now = usedMs(container)
        used.set(key, now)
        this.#totalMs += Math.max(0, now - (this.#used.get(key) ?? now))
      }
    }
    this.#used = used
    return this.#totalMs
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
