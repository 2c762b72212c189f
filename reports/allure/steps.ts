import { formatDuration } from '../../harness/duration.ts'
import type { ExpectationResult, FaultResult, Verdict } from '../../harness/verdict.ts'
import type { RuntimeMessage } from 'allure-js-commons/sdk'
import { Status } from 'allure-js-commons'
import { measuredText } from './description.ts'
import type { Moment } from './journal-parts.ts'
import type { Parameter } from './leg.ts'

/** What happened, as one step of the report; times in milliseconds of the run's clock. */
export interface Step {
  readonly name: string
  readonly startedAt: number
  readonly endedAt: number
  readonly status: Status
  readonly message: string
  readonly parameters: readonly Parameter[]
}

/** The faults and the expectations of a verdict, in the order of their times, and what was measured at the end. */
export function stepsOf(
  { faults, expectations, measurements }: Pick<Verdict, 'faults' | 'expectations' | 'measurements'>,
  moments: readonly Moment[],
  endedAt: number,
): Step[] {
  const concluded = new Conclusions(moments)
  const steps = [
    ...faults.map((fault) => faultStep(fault, endedAt)),
    ...expectations.map((result) => expectationStep(result, concluded.of(result))),
  ].toSorted((one, other) => one.startedAt - other.startedAt || one.endedAt - other.endedAt)
  if (measurements.length === 0) return steps
  const parameters = measurements.map((measurement) => ({ name: measurement.name, value: measuredText(measurement) }))
  return [...steps, { ...atOnce(endedAt), name: 'measured', status: Status.PASSED, message: '', parameters }]
}

/** What a scenario without a verdict had come to: its faults, the waits that had ended, and the one that it was in. */
export function unfinishedSteps(moments: readonly Moment[], endedAt: number): Step[] {
  const faults = moments.filter(({ source, kind }) => source === 'fault' && kind === 'injecting')
  const results = moments.flatMap((moment) => (isConclusion(moment) ? [resultOf(moment)] : []))
  const ended = new Set(results.map((result) => waitKey(result)))
  const waiting = moments.filter(({ source, kind, subject, data }) => {
    return source === 'expectation' && kind === 'waiting' && !ended.has(waitKey(resultOf({ subject, data })))
  })
  return [
    ...stepsOf(
      { faults: faults.map((moment) => faultOf(moment, moments)), expectations: results, measurements: [] },
      moments,
      endedAt,
    ),
    ...waiting.map((moment) => brokenOff(resultOf(moment), endedAt)),
  ].toSorted((one, other) => one.startedAt - other.startedAt)
}

/** @param originAt the wall-clock time at which the run's clock was 0, in milliseconds since 1970 */
export function stepMessages(steps: readonly Step[], originAt: number): RuntimeMessage[] {
  return steps.flatMap(({ name, startedAt, endedAt, status, message, parameters }): RuntimeMessage[] => [
    { type: 'step_start', data: { name, start: Math.round(originAt + startedAt) } },
    { type: 'step_metadata', data: { parameters: [...parameters] } },
    {
      type: 'step_stop',
      data: {
        stop: Math.round(originAt + endedAt),
        status,
        ...(message === '' ? {} : { statusDetails: { message } }),
      },
    },
  ])
}

function faultStep({ name, node, injectedAt, healedAt }: FaultResult, endedAt: number): Step {
  return {
    name: `fault: ${name} on ${node}`,
    startedAt: injectedAt,
    endedAt: healedAt ?? Math.max(injectedAt, endedAt),
    status: Status.PASSED,
    message: '',
    parameters: [
      { name: 'injected at', value: clockText(injectedAt) },
      { name: 'healed at', value: healedAt === null ? 'not healed' : clockText(healedAt) },
    ],
  }
}

function expectationStep(result: ExpectationResult, concludedAt: number | null): Step {
  const { name, budget, withinMs, tookMs, since } = result
  const parameters = [
    { name: 'budget', value: budget },
    { name: 'since', value: clockText(since) },
  ]
  // A fact that is judged, and nothing that is waited for: it counts from the beginning, and was looked at when it was.
  if (withinMs === 0) {
    const status = tookMs === null ? Status.FAILED : Status.PASSED
    const message = tookMs === null ? `${name}: ${budget === 'never' ? 'it did' : 'it does not hold'}` : ''
    return { ...atOnce(concludedAt ?? since), name, status, message, parameters }
  }
  const limit = formatDuration(withinMs)
  if (tookMs !== null) {
    const title = `${name}: ${formatDuration(tookMs)} of ${limit}`
    return { name: title, startedAt: since, endedAt: since + tookMs, status: Status.PASSED, message: '', parameters }
  }
  const message = `${name}: not within ${limit}`
  const endedAt = Math.max(since, concludedAt ?? since + withinMs)
  return { name: message, startedAt: since, endedAt, status: Status.FAILED, message, parameters }
}

function brokenOff({ name, budget, withinMs, since }: ExpectationResult, endedAt: number): Step {
  const message = `the run ended ${formatDuration(Math.max(0, endedAt - since))} into this wait`
  return {
    name: `${name}: waiting, within ${formatDuration(withinMs)}`,
    startedAt: since,
    endedAt: Math.max(since, endedAt),
    status: Status.BROKEN,
    message,
    parameters: [{ name: 'budget', value: budget }],
  }
}

/** When each wait was judged, by the journal; two of the same name and beginning in their order. */
class Conclusions {
  readonly #times = new Map<string, number[]>()

  constructor(moments: readonly Moment[]) {
    for (const moment of moments.filter(isConclusion)) {
      const key = waitKey(resultOf(moment))
      this.#times.set(key, [...(this.#times.get(key) ?? []), moment.t])
    }
  }

  of(result: ExpectationResult): number | null {
    return this.#times.get(waitKey(result))?.shift() ?? null
  }
}

function isConclusion({ source, kind }: Moment): boolean {
  return source === 'expectation' && (kind === 'met' || kind === 'missed')
}

function waitKey({ name, since }: Pick<ExpectationResult, 'name' | 'since'>): string {
  return `${since} ${name}`
}

/** What a record of an expectation holds, as far as it does. */
function resultOf({ subject, data }: Pick<Moment, 'subject' | 'data'>): ExpectationResult {
  const found = typeof data === 'object' && data !== null ? data : {}
  return {
    name: subject,
    budget: 'budget' in found && typeof found.budget === 'string' ? found.budget : '',
    withinMs: 'withinMs' in found && typeof found.withinMs === 'number' ? found.withinMs : 0,
    tookMs: 'tookMs' in found && typeof found.tookMs === 'number' ? found.tookMs : null,
    since: 'since' in found && typeof found.since === 'number' ? found.since : 0,
  }
}

function faultOf(injecting: Moment, moments: readonly Moment[]): FaultResult {
  const name = faultName(injecting)
  const healed = moments.find(({ t, source, kind, subject, data }) => {
    const isLater = source === 'fault' && kind === 'healed' && t >= injecting.t
    return isLater && subject === injecting.subject && faultName({ data }) === name
  })
  const node = injecting.subject.replace(/^node\//, '')
  return { name, node, injectedAt: injecting.t, healedAt: healed?.t ?? null }
}

function faultName({ data }: Pick<Moment, 'data'>): string {
  return typeof data === 'object' && data !== null && 'fault' in data && typeof data.fault === 'string'
    ? data.fault
    : 'fault'
}

function atOnce(at: number): Pick<Step, 'startedAt' | 'endedAt'> {
  return { startedAt: at, endedAt: at }
}

/** A time of the run's clock, as the journal has it: seconds since the run's start. */
function clockText(at: number): string {
  return `${(at / 1_000).toFixed(1)} s of the run`
}
