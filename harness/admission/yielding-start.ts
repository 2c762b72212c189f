import { run } from '../process.ts'

/** Of `docker run --cpu-shares`: what a container has that was given none. */
const ordinaryShares = 1_024

/** A sixteenth: where both want a processor, the machines of a cluster that is there have it, and the new one the rest. */
const yieldingShares = 64

/** The machines of a cluster that starts beside others, which are under test: it leaves the processors to them. */
export class YieldingStart {
  readonly #machines = new Set<string>()
  readonly #pending: Promise<void>[] = []
  #over = false

  /** A machine has started, which the engine tells a moment later. */
  add(machine: string): void {
    if (this.#over) return
    this.#machines.add(machine)
    this.#pending.push(give(yieldingShares, [machine]))
  }

  /** The cluster is up: from now on its machines are like all others. */
  async end(): Promise<void> {
    this.#over = true
    await Promise.all(this.#pending)
    await give(ordinaryShares, [...this.#machines])
  }
}

/** A machine that is gone again needs none. */
async function give(shares: number, machines: readonly string[]): Promise<void> {
  if (machines.length === 0) return
  await run('docker', ['update', '--cpu-shares', String(shares), ...machines], { reject: false })
}
