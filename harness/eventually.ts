import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from './error-message.ts'
import { type Budget, describeBudget } from './budgets/budget.ts'
import { formatDuration } from './duration.ts'
import { Observations } from './observations.ts'
import { ownDiagnosis } from './own-diagnosis.ts'
import { excuse, type HostShare } from './own-time.ts'
import type { Diagnosis, ExpectationResult } from './verdict.ts'

/** What a wait needs of its surroundings. */
export interface WaitContext {
  now(): number
  /** Told of each wait as it begins. */
  begin(wait: Omit<ExpectationResult, 'tookMs'>): void
  /** Told of each observation that differs from the one before it, and of each result. */
  observe(name: string, observation: string): void
  record(result: ExpectationResult): void
  /** Of waits that a cluster is judged by: what may excuse it. */
  readonly host?: HostShare
  /** Told at once when a deadline has passed: what failed is still there. */
  missed?(): Promise<unknown>
}

export interface Expectation<T> {
  /** Reads one fact and changes nothing. An error is an observation, not the end. */
  readonly probe: (signal: AbortSignal) => Promise<T>
  /** How long one look may take, in milliseconds; default 5 s. A look that takes longer is left behind, and has failed. */
  readonly lookMs?: number
  readonly until: (value: T) => boolean
  readonly within: Budget
  /** It comes by a timer of what is tested, which no processor shortens: only a host that was too slow excuses it. */
  readonly byTimer?: boolean
  /** The event that it counts from, in milliseconds of the run's clock; default: now. */
  readonly since?: number
  /** How an observation reads in a failure message. */
  readonly describe?: (value: T) => string
  /** Names the cause once the deadline has passed. */
  readonly diagnose?: (last: T | undefined) => Diagnosis | Promise<Diagnosis>
}

/** How often a probe is asked. A quarter of a second is a tenth of the tightest budget's unit and costs little. */
const pollMs = 250

/**
 * A look that takes longer than that is followed by a pause as long, up to a second: one that asks every machine by a
 * command costs more than what it looks at, and asked without a pause it takes the processors from it.
 */
const longestPauseMs = 1_000

/** A probe that has not answered by then counts as failed for this time. */
const probeLimitMs = 5_000

/** What a failed expectation's verdict depends on besides its diagnosis. */
type Judgement = Pick<ExpectationFailed, 'excusable' | 'excuse' | 'undiagnosed'>

/** A named condition that did not hold within its budget. */
export class ExpectationFailed extends Error {
  override readonly name = 'ExpectationFailed'
  readonly result: ExpectationResult
  readonly diagnosis: Diagnosis | null
  /** When it was given up, in milliseconds of the run's clock. */
  readonly failedAt: number
  /** Whether a host that was too slow may have brought it about: then nothing is concluded from it. */
  readonly excusable: boolean
  /** Why nothing is concluded from it, where that was looked into. */
  readonly excuse: string | null
  /** Why its own diagnosis could not be told, where it has one. */
  readonly undiagnosed: string | null

  constructor(
    message: string,
    result: ExpectationResult,
    failedAt: number,
    diagnosis: Diagnosis | null,
    { excusable = true, excuse: why = null, undiagnosed = null }: Partial<Judgement> = {},
  ) {
    super(message)
    this.excusable = excusable
    this.excuse = why
    this.undiagnosed = undiagnosed
    this.result = result
    this.failedAt = failedAt
    this.diagnosis = diagnosis
  }
}

/**
 * Waits until the condition holds, and returns the value that made it so. The one way to wait.
 *
 * The deadline is its own: a condition that comes true late fails, a probe that hangs is cut off, a probe that throws
 * is asked again, and what it said last is part of the failure's message. Where the host may excuse it, it is told by that
 * (harness/own-time.ts).
 * @throws {ExpectationFailed}
 */
export async function eventually<T>(context: WaitContext, name: string, expectation: Expectation<T>): Promise<T> {
  const since = expectation.since ?? context.now()
  const deadline = since + expectation.within.ms
  context.begin({ name, budget: describeBudget(expectation.within), withinMs: expectation.within.ms, since })
  const observations = new Observations(context, name)
  let last: T | undefined
  /** Whether the condition holds; and where not, a pause, which ends with the limit. */
  const holds = async (limit: number): Promise<boolean> => {
    const lookedAt = context.now()
    try {
      last = await limited(expectation.probe, Math.min(expectation.lookMs ?? probeLimitMs, limit - lookedAt))
      const found = expectation.until(last)
      observations.add(describeValue(last, expectation.describe))
      if (found) return true
    } catch (error) {
      observations.add(`failed: ${messageOf(error)}`)
    }
    const pauseMs = Math.min(Math.max(pollMs, context.now() - lookedAt), longestPauseMs)
    await delay(Math.max(0, Math.min(pauseMs, limit - context.now())))
    return false
  }
  do {
    if (await holds(deadline)) {
      const tookMs = context.now() - since
      if (tookMs > expectation.within.ms) break
      context.record(expectationResult(name, expectation.within, since, tookMs))
      // It is what the condition was just found to hold of.
      return last as T
    }
  } while (context.now() < deadline)

  const failure = expectationResult(name, expectation.within, since, null)
  context.record(failure)
  const failedAt = context.now()
  const said = observations.text()
  const { host, now } = context
  const { ms: withinMs } = expectation.within
  // At the same time: what the diagnosis takes is time in which the condition may come true.
  const [{ diagnosis, undiagnosed, note }, excused] = await Promise.all([
    ownDiagnosis(expectation, last),
    host === undefined || expectation.byTimer === true
      ? {}
      : excuse(host, { since, withinMs, now }, () => holds(Infinity)).then((why) => ({
          excusable: false,
          excuse: why,
        })),
    context.missed?.(),
  ])
  const message =
    `${name}: not within ${formatDuration(withinMs)}\n` +
    `  budget: ${describeBudget(expectation.within)}\n${note}` +
    `  last observations:\n${said}`
  throw new ExpectationFailed(message, failure, failedAt, diagnosis, { ...excused, undiagnosed })
}

/** What must not come true while the work goes on. */
export type Watch<T> = Omit<Expectation<T>, 'within' | 'since' | 'byTimer'> & { readonly while: Promise<unknown> }

/**
 * So long nobody may have seen anything, in milliseconds: six looks that are given up. What may come true and pass again in
 * less must leave something that a later look sees, such as when a condition last changed.
 */
const longestUnseenMs = 30_000

/**
 * Watches that a condition never comes true while the work goes on.
 * @throws {ExpectationFailed} as soon as it has
 * @throws {Error} where no probe was answered for too long, or ever: then nobody knows
 */
export async function never<T>(context: WaitContext, name: string, expectation: Watch<T>): Promise<void> {
  const since = context.now()
  context.begin({ name, budget: 'never', withinMs: 0, since })
  const observations = new Observations(context, name)
  let seenAt: number | null = null
  let unseenMs = 0
  let running = true
  const work = expectation.while.finally(() => (running = false))
  // Awaited below; until then a failure of the work must not end the process.
  work.catch(() => undefined)
  // oxlint-disable-next-line no-unmodified-loop-condition -- the end of the work modifies it
  while (running) {
    let value: T
    try {
      value = await limited(expectation.probe, expectation.lookMs ?? probeLimitMs)
      unseenMs = Math.max(unseenMs, context.now() - (seenAt ?? since))
      seenAt = context.now()
    } catch (error) {
      observations.add(`failed: ${messageOf(error)}`)
      await Promise.race([work, delay(pollMs)])
      continue
    }
    observations.add(describeValue(value, expectation.describe))
    if (expectation.until(value)) {
      const failedAt = context.now()
      const failure: ExpectationResult = { name, budget: 'never', withinMs: 0, tookMs: null, since }
      context.record(failure)
      const [{ diagnosis, undiagnosed, note }] = await Promise.all([
        ownDiagnosis(expectation, value),
        context.missed?.(),
      ])
      const message = `${name}: it did, after ${formatDuration(failedAt - since)}\n${note}${observations.text()}`
      throw new ExpectationFailed(message, failure, failedAt, diagnosis, { undiagnosed })
    }
    await Promise.race([work, delay(pollMs)])
  }
  await work
  unseenMs = Math.max(unseenMs, context.now() - (seenAt ?? since))
  if (seenAt === null || unseenMs > longestUnseenMs) {
    const unseen = seenAt === null ? '' : ` for ${formatDuration(unseenMs)}`
    throw new Error(`${name}: nothing was seen${unseen}, so that nothing can be said\n${observations.text()}`)
  }
  context.record({ name, budget: 'never', withinMs: 0, tookMs: 0, since })
}

/** What an expectation came to, with its budget in words. */
export function expectationResult(
  name: string,
  within: Budget,
  since: number,
  tookMs: number | null,
): ExpectationResult {
  return {
    name,
    budget: describeBudget(within),
    withinMs: within.ms,
    tookMs: tookMs === null ? null : Math.max(0, tookMs),
    since,
  }
}

/** The probe's answer, or an error once the limit has passed; a probe that ignores its signal is left behind. */
async function limited<T>(probe: (signal: AbortSignal) => Promise<T>, limitMs: number): Promise<T> {
  const wholeMs = Math.max(1, Math.ceil(limitMs))
  const limit = AbortSignal.timeout(wholeMs)
  // Asked first: a probe that throws before it is a promise must leave nothing behind that is rejected later.
  const answer = probe(limit)
  const expired = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(new Error(`no answer within ${wholeMs} ms`)), { once: true })
  })
  return Promise.race([answer, expired])
}

function describeValue<T>(value: T, describe: ((value: T) => string) | undefined): string {
  return describe === undefined ? (JSON.stringify(value) ?? String(value)).slice(0, 400) : describe(value)
}
