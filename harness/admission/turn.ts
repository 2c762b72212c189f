import { budget } from '../budgets/budget.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import { waitContext } from '../faults/wait-context.ts'
import type { Journal } from '../journal.ts'
import { claimedLimit } from './room.ts'

/** The run's other clusters on this host. */
export interface Neighbours {
  /**
   * Resolves once none of their scenarios began within the last `turnWindowMs`, and keeps them from it for as long: what a
   * fault does to the host must have been seen before the next. Returns how many clusters there are.
   */
  turn(): Promise<number>
}

export const nobody: Neighbours = { turn: () => Promise.resolve(0) }

/** Over how long what others claim is measured, in milliseconds: after a fault a cluster claims processors in bursts of seconds. */
export const turnWindowMs = 5_000

/** Beyond it nobody waits: a host that is busy for so long is one of which the verdict says so. */
const patience = budget({
  name: 'others leave room for a scenario',
  ms: 120_000,
  source: 'harness: a cluster that lost its etcd or its API claims a processor and more for up to a minute',
})

/**
 * When a scenario may begin. Its deadlines assume that the cluster has the processors that it wants: beside other clusters it
 * waits while what else there is claims more than it leaves (harness/host-monitor.ts), such as a cluster that has just lost
 * its etcd. It is before the scenario, and before what sabotages it, and not before its fault: nothing comes between what a
 * scenario has seen and what it does.
 */
export class Turn {
  readonly #neighbours: Neighbours
  readonly #claimedByOthers: (overMs: number) => number | null

  /** @param claimedByOthers their share of the processors over the last milliseconds; null: nobody knows */
  constructor(neighbours: Neighbours, claimedByOthers: (overMs: number) => number | null) {
    this.#neighbours = neighbours
    this.#claimedByOthers = claimedByOthers
  }

  async take(journal: Journal): Promise<void> {
    const neighbours = this.#neighbours
    if ((await neighbours.turn()) === 0) return
    const claimed = () => this.#claimedByOthers(turnWindowMs) ?? 0
    try {
      await eventually(waitContext({ journal }), 'others leave room for a scenario', {
        async probe() {
          const before = claimed()
          if (!leavesRoom(before)) return before
          // Another may have begun while this one waited.
          return (await neighbours.turn()) === 0 ? 0 : claimed()
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
