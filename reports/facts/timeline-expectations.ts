import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'
import type { ExpectationResult } from '../../harness/verdict.ts'

/** An expectation, with its times in milliseconds since the scenario began. */
export interface ExpectationBar {
  readonly name: string
  readonly budget: string
  /** `open`: it was waited for when the run was killed. */
  readonly outcome: 'met' | 'missed' | 'open'
  readonly withinMs: number
  readonly tookMs: number | null
  readonly from: number
  /** When it held, or was given up. */
  readonly to: number
  /** When its budget ended; not beyond the scenario's end, and then `goesOn`. */
  readonly budgetTo: number
  readonly goesOn: boolean
  /** It counts from before the scenario began, as where the machines boot first. */
  readonly begunBefore: boolean
}

const waitSchema = z.object({ name: z.string(), budget: z.string(), withinMs: z.number(), since: z.number() })
const resultSchema = waitSchema.extend({ tookMs: z.number().nullable() })

const mostResults = 300

interface Seen extends ExpectationResult {
  /** When its result was known, in milliseconds of the run's clock; null: only the verdict tells of it. */
  readonly at: number | null
}

/** What was expected, and what came of it. */
export class Expectations {
  readonly #startedAt: number
  readonly #waiting = new Map<string, Omit<ExpectationResult, 'tookMs'>>()
  readonly #results: Seen[] = []
  #leftOut = 0

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  take({ t, source, kind, data }: JournalRecord): void {
    if (source !== 'expectation') return
    if (kind === 'waiting') {
      const wait = waitSchema.safeParse(data)
      if (wait.success && this.#waiting.size < mostResults) this.#waiting.set(wait.data.name, wait.data)
      return
    }
    if (kind !== 'met' && kind !== 'missed') return
    const result = resultSchema.safeParse(data)
    if (!result.success) return
    this.#waiting.delete(result.data.name)
    this.#add({ ...result.data, at: t })
  }

  #add(result: Seen): void {
    if (this.#results.length < mostResults) this.#results.push(result)
    else this.#leftOut += 1
  }

  /**
   * All of them, in the order in which they began.
   * @param judged those of the verdict, which has the waits of the harness itself that failed as well
   */
  end(
    endedAt: number,
    judged: readonly ExpectationResult[],
  ): { readonly bars: ExpectationBar[]; readonly leftOut: number } {
    const known = new Set(this.#results.map((result) => identity(result)))
    for (const result of judged) if (!known.has(identity(result))) this.#add({ ...result, at: null })
    const duration = Math.max(0, endedAt - this.#startedAt)
    const bars = [
      ...this.#results.map((result) => this.#bar(result, duration, result.tookMs === null ? 'missed' : 'met')),
      ...[...this.#waiting.values()].map((wait) => this.#bar({ ...wait, tookMs: null, at: endedAt }, duration, 'open')),
    ]
    return { bars: bars.toSorted((a, b) => a.from - b.from), leftOut: this.#leftOut }
  }

  #bar(
    { name, budget, withinMs, tookMs, since, at }: Seen,
    duration: number,
    outcome: ExpectationBar['outcome'],
  ): ExpectationBar {
    const within = (time: number) => Math.min(Math.max(0, time - this.#startedAt), duration)
    // What is judged at once stands where it was judged, not where the facts began.
    const atOnce = withinMs === 0 && budget === 'at once'
    const from = within(atOnce ? (at ?? this.#startedAt + duration) : since)
    const held = tookMs === null ? missedAt({ withinMs, since, at }) : since + tookMs
    const to = atOnce ? from : Math.max(from, within(outcome === 'open' ? this.#startedAt + duration : held))
    const deadline = since + withinMs - this.#startedAt
    return {
      name,
      budget,
      outcome,
      withinMs,
      tookMs,
      from,
      to,
      budgetTo: atOnce ? from : Math.max(from, within(since + withinMs)),
      goesOn: !atOnce && deadline > duration,
      begunBefore: !atOnce && since < this.#startedAt,
    }
  }
}

/** What must never be has no budget: it is missed when it was seen. */
function missedAt({ withinMs, since, at }: Pick<Seen, 'withinMs' | 'since' | 'at'>): number {
  return withinMs === 0 ? (at ?? since) : since + withinMs
}

function identity({ name, since }: Pick<ExpectationResult, 'name' | 'since'>): string {
  return `${name} ${Math.round(since)}`
}
