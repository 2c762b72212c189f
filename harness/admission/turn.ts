import { budget } from '../budgets/budget.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import { waitContext } from '../faults/wait-context.ts'
import type { Journal } from '../journal.ts'
import { claimedLimit } from './room.ts'

/** The run's other clusters on this host. */
export interface Neighbours {
  /**
   * Resolves once none of them was struck within the last `turnWindowMs`, and keeps them from being struck for as long: what
   * a fault does to the host must have been seen before the next. Returns how many there are.
   */
  strike(): Promise<number>
}

export const nobody: Neighbours = { strike: () => Promise.resolve(0) }

/** Over how long what others claim is measured, in milliseconds: after a fault a cluster claims processors in bursts of seconds. */
export const turnWindowMs = 5_000

/** Beyond it nobody waits: a host that is busy for so long is one of which the verdict says so. */
const patience = budget({
  name: 'others leave room for a fault',
  ms: 120_000,
  source: 'harness: a cluster that lost its etcd or its API claims a processor and more for up to a minute',
})

/**
 * When a scenario may strike. Deadlines count from a fault, and assume that the cluster has the processors that it wants:
 * the first fault of a scenario waits while the run's other clusters claim more than they leave (harness/host-monitor.ts),
 * such as one that has just lost its etcd. Those at the same time wait with it, those after it for nothing.
 */
export class Turn {
  readonly #neighbours: Neighbours
  readonly #claimedByOthers: (overMs: number) => number | null
  #isDue = false
  /** What the faults of a scenario wait for that are injected at the same time. */
  #taken: Promise<void> = Promise.resolve()

  /** @param claimedByOthers their share of the processors over the last milliseconds; null: nobody knows */
  constructor(neighbours: Neighbours, claimedByOthers: (overMs: number) => number | null) {
    this.#neighbours = neighbours
    this.#claimedByOthers = claimedByOthers
  }

  /** A scenario begins: its first fault takes a turn. */
  begin(): void {
    this.#isDue = true
  }

  /** Called before every fault. Resolves when it may strike. */
  take(journal: Journal): Promise<void> {
    if (this.#isDue) this.#taken = this.#wait(journal)
    this.#isDue = false
    return this.#taken
  }

  async #wait(journal: Journal): Promise<void> {
    const neighbours = this.#neighbours
    if ((await neighbours.strike()) === 0) return
    const claimed = () => this.#claimedByOthers(turnWindowMs) ?? 0
    try {
      await eventually(waitContext({ journal }), 'the other clusters leave room for a fault', {
        async probe() {
          const before = claimed()
          if (!leavesRoom(before)) return before
          // Another may have struck while this one waited.
          return (await neighbours.strike()) === 0 ? 0 : claimed()
        },
        until: leavesRoom,
        lookMs: 4 * turnWindowMs,
        within: patience,
        // In tens: each other observation is a line of the journal.
        describe: (share) => `they claim about ${Math.round(share * 10) * 10} % of the processors`,
      })
    } catch (error) {
      if (!(error instanceof ExpectationFailed)) throw error
    }
  }
}

function leavesRoom(claimed: number): boolean {
  return claimed <= claimedLimit
}
