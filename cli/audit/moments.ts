/** How a run is killed: with SIGKILL, all of them. */
export const killModes = ['main', 'node', 'group', 'all'] as const

/**
 * `main`: the process of the command line, as an administrator would kill it. `group`: its process group. `node`: every
 * Node.js process of the run at once, as `killall -9 node` does: what they have started lives on. `all`: everything that
 * the run has started on this machine, as the end of a CI job does.
 */
export type KillMode = (typeof killModes)[number]

/** When a run is killed, as a share of the time that it takes, and how. */
export interface PlannedKill {
  /** From 0 to 1, 1 left out. */
  readonly share: number
  readonly mode: KillMode
  /** Which of what is run: its place in the list. */
  readonly subject: number
}

export interface KillPlan {
  readonly times: number
  /** How many there are. */
  readonly subjects: number
  readonly modes: readonly KillMode[]
  /** The share of a run before which none is killed; left out: 0. */
  readonly from?: number
}

/**
 * Kills at moments that are spread evenly over a run, the same for the same seed. Modes and subjects come in turn, so that
 * each mode comes upon each subject.
 */
export function plannedKills(seed: number, { times, subjects, modes, from = 0 }: KillPlan): PlannedKill[] {
  const random = randomShares(seed)
  return Array.from({ length: times }, (_, index) => ({
    share: from + (1 - from) * random(),
    mode: modes[Math.floor(index / subjects) % modes.length] ?? 'main',
    subject: index % subjects,
  }))
}

/** Mulberry32 (Tommy Ettinger, public domain): numbers from 0 to 1 that a 32-bit seed stands for. */
export function randomShares(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
