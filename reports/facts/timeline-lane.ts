/**
 * What a bar says of its thing. `holder` is the one state that is neither good nor bad: who holds a lock; `done` is a pod
 * that has nothing left to do.
 */
export type Health = 'healthy' | 'waiting' | 'unhealthy' | 'off' | 'unknown' | 'holder' | 'done'

export interface State {
  readonly health: Health
  /** What stands in the bar: `Ready`, `NodeShutdown`. */
  readonly label: string
  /** What else is known, for those who ask: the pod's name, the reason. */
  readonly detail: string
}

/** A state from one moment to another, in milliseconds since the scenario began. */
export interface StateBar extends State {
  readonly from: number
  readonly to: number
}

/** More bars than pixels tell nobody anything. */
const mostBars = 240
const barsAfterMerge = 160

/**
 * The states of one thing, one after the other: bars never overlap and lie within the scenario, whatever the order of the
 * records. What was before the scenario began counts from its beginning.
 */
export class StateLane {
  readonly #startedAt: number
  readonly #bars: StateBar[] = []
  #open: { from: number; state: State } | null = null
  #last = 0
  #changes = 0
  #merged = 0

  /** @param startedAt the scenario's beginning, in milliseconds since the run's start */
  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  /** Changes of state within the scenario. */
  get changes(): number {
    return this.#changes
  }

  /** Bars that were too short to be kept, because there were so many. */
  get merged(): number {
    return this.#merged
  }

  /** How much there is to see: time in bad states, and changes. */
  get weight(): number {
    return this.#changes * 2_000 + this.#bars.reduce((sum, bar) => sum + (bar.to - bar.from) * cost(bar.health), 0)
  }

  /** From `t` on (milliseconds since the run's start) it is in this state; null: it is not there. */
  set(t: number, state: State | null): void {
    const at = Math.max(this.#last, t - this.#startedAt)
    if (this.#open !== null && state !== null && same(this.#open.state, state)) return
    if (this.#open === null && state === null) return
    this.#close(at)
    this.#open = state === null ? null : { from: at, state }
    if (at > 0) this.#changes += 1
  }

  /** All bars up to the scenario's end, in milliseconds since the run's start. */
  end(t: number): StateBar[] {
    const duration = Math.max(0, t - this.#startedAt)
    this.#close(Math.max(this.#last, duration))
    // A record that says that it is from later than the end is believed as far as the end.
    return this.#bars
      .filter(({ from }) => from < duration)
      .map(({ from, to, health, label, detail }) => ({ from, to: Math.min(to, duration), health, label, detail }))
  }

  #close(at: number): void {
    this.#last = at
    if (this.#open === null) return
    const { from, state } = this.#open
    this.#open = null
    if (at <= from) return
    this.#bars.push({ ...state, from, to: at })
    if (this.#bars.length > mostBars) this.#merge()
  }

  /** Gives the time of the shortest bars to those before them. */
  #merge(): void {
    const byLength = this.#bars.toSorted((a, b) => b.to - b.from - (a.to - a.from))
    const kept = new Set(byLength.slice(0, barsAfterMerge))
    const all = this.#bars.splice(0)
    for (const bar of all) {
      const before = this.#bars.at(-1)
      if (kept.has(bar) || before === undefined) this.#bars.push(bar)
      else if (before.to === bar.from) this.#bars[this.#bars.length - 1] = { ...before, to: bar.to }
    }
    this.#merged += all.length - this.#bars.length
  }
}

function same(one: State, other: State): boolean {
  return one.health === other.health && one.label === other.label && one.detail === other.detail
}

function cost(health: Health): number {
  if (health === 'unhealthy') return 2
  return health === 'waiting' || health === 'unknown' || health === 'off' ? 1 : 0
}
