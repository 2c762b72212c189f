import { expect, it } from 'vitest'

import type { ExpectationResult } from '../../harness/verdict.ts'
import { sampleVerdict } from '../sample-verdict.ts'
import type { Moment } from './journal-parts.ts'
import { stepMessages, stepsOf, unfinishedSteps } from './steps.ts'

const expectation = (changes: Partial<ExpectationResult> = {}): ExpectationResult => {
  return {
    name: 'pods are Ready',
    budget: '60 s = objective',
    withinMs: 60_000,
    tookMs: 2_500,
    since: 4_000,
    ...changes,
  }
}

const moment = (t: number, kind: string, result: ExpectationResult): Moment => {
  return { t, source: 'expectation', kind, subject: result.name, data: result }
}

it('has faults and expectations by their times, and the figures last', () => {
  const verdict = sampleVerdict({
    expectations: [expectation(), expectation({ name: 'node is Ready', tookMs: null, withinMs: 30_000, since: 3_000 })],
    faults: [{ name: 'power-cut', node: 'worker-1', injectedAt: 2_000, healedAt: 3_000 }],
    measurements: [{ name: 'gap', value: 1_200, unit: 'ms' }],
  })
  const steps = stepsOf(verdict, [], 9_000)
  expect(steps.map(({ name, startedAt, endedAt, status }) => [name, startedAt, endedAt, status])).toEqual([
    ['fault: power-cut on worker-1', 2_000, 3_000, 'passed'],
    ['node is Ready: not within 30 s', 3_000, 33_000, 'failed'],
    ['pods are Ready: 2.5 s of 1 min', 4_000, 6_500, 'passed'],
    ['measured', 9_000, 9_000, 'passed'],
  ])
  expect(steps.at(-1)?.parameters).toEqual([{ name: 'gap', value: '1.2 s' }])
})

it('says of what must never be that it was', () => {
  const never = expectation({ name: 'it is disturbed', budget: 'never', withinMs: 0, tookMs: null })
  expect(stepsOf(sampleVerdict({ expectations: [never] }), [], 9_000)[0]?.message).toBe('it is disturbed: it did')
})

it('has a fact at the time that the journal says it was judged at', () => {
  const [one, other] = [expectation({ withinMs: 0, tookMs: 0 }), expectation({ withinMs: 0, tookMs: null })]
  const moments = [moment(5_000, 'met', one), moment(6_000, 'missed', other)]
  const steps = stepsOf(sampleVerdict({ expectations: [one, other] }), moments, 9_000)
  expect(steps.map(({ startedAt, status, message }) => [startedAt, status, message])).toEqual([
    [5_000, 'passed', ''],
    [6_000, 'failed', 'pods are Ready: it does not hold'],
  ])
})

it('leaves a fault that was not healed until the end', () => {
  const faults = [{ name: 'power-off', node: 'worker-1', injectedAt: 2_000, healedAt: null }]
  expect(stepsOf(sampleVerdict({ faults }), [], 9_000)[0]?.endedAt).toBe(9_000)
})

it('shows of a run that was ended the fault and the wait that it was in', () => {
  const ended = expectation({ name: 'the cluster is healthy', since: 1_000, tookMs: 10 })
  const waiting = expectation({ name: 'the node is NotReady', since: 3_000 })
  const steps = unfinishedSteps(
    [
      moment(1_010, 'met', ended),
      { t: 2_000, source: 'fault', kind: 'injecting', subject: 'node/worker-1', data: { fault: 'power-cut' } },
      moment(3_000, 'waiting', waiting),
    ],
    8_000,
  )
  expect(steps.map(({ name, endedAt, status }) => [name, endedAt, status])).toEqual([
    ['the cluster is healthy: 0 s of 1 min', 1_010, 'passed'],
    ['fault: power-cut on worker-1', 8_000, 'passed'],
    ['the node is NotReady: waiting, within 1 min', 8_000, 'broken'],
  ])
  expect(steps.at(-1)?.message).toBe('the run ended 5 s into this wait')
})

it('knows when a fault was healed before the run was ended', () => {
  const fault = { source: 'fault' as const, subject: 'node/a', data: { fault: 'reboot' } }
  const steps = unfinishedSteps(
    [
      { ...fault, t: 2_000, kind: 'injecting' },
      { ...fault, t: 3_000, kind: 'healed' },
    ],
    8_000,
  )
  expect(steps[0]).toMatchObject({ name: 'fault: reboot on a', endedAt: 3_000 })
})

it('tells Allure the time of the day', () => {
  const steps = stepsOf(sampleVerdict({ expectations: [expectation()] }), [], 9_000)
  expect(stepMessages(steps, 1_000_000).map(({ data }) => data)).toMatchObject([
    { start: 1_004_000 },
    { parameters: [{ name: 'budget', value: '60 s = objective' }, { name: 'since' }] },
    { stop: 1_006_500, status: 'passed' },
  ])
})
