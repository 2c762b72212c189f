import { expect, it, vi } from 'vitest'

import type { Replacement } from '../../harness/probes/daemonset-history.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { followBackoff } from './backoff-model.ts'

const replaced: Replacement = {
  pod: 'kube-system/p',
  owner: 'DaemonSet/kube-proxy',
  reason: 'NodeShutdown',
  failedAt: 100_000,
  earliestAt: 164_000,
  predictedAt: 164_000,
  deletedAt: 164_500,
  predictedDelayMs: 64_000,
  measuredDelayMs: 64_500,
}

/** What was judged of them. */
function judged(replacements: readonly Replacement[]) {
  const lasted = vi.fn<ScenarioContext['lasted']>()
  const facts = new Map<string, string | null>()
  const verify: ScenarioContext['verify'] = (name, holds, diagnose) => {
    facts.set(name, holds ? null : diagnose().summary)
  }
  followBackoff({ lasted, verify }, replacements)
  return { lapse: lasted.mock.calls[0]?.slice(0, 3), facts: [...facts.values()] }
}

it('judges the time after the end of the back-off, of the pod that used most of its tolerance', () => {
  const later = { ...replaced, deletedAt: 166_000 }
  const { lapse, facts } = judged([replaced, later, replaced])
  expect(lapse).toMatchObject([expect.stringMatching(/each delay/), [{ since: 164_000, ms: 2_000 }], { ms: 7_400 }])
  expect(facts).toEqual([null, null])
})

it('judges every pod that was late by itself: a host may excuse one, and not another', () => {
  const late = [
    { ...replaced, deletedAt: 172_000 },
    { ...replaced, deletedAt: 174_000 },
  ]
  const lasted = vi.fn<ScenarioContext['lasted']>()
  followBackoff({ lasted, verify: () => undefined }, [replaced, ...late])
  expect(lasted.mock.calls.map(([, [lapse]]) => lapse?.ms)).toEqual([10_000, 8_000])
})

it('says of a pod that was deleted early what was predicted and measured', () => {
  const { lapse, facts } = judged([{ ...replaced, deletedAt: 150_000, measuredDelayMs: 50_000 }])
  expect(lapse?.[1]).toMatchObject([{ ms: 0 }])
  expect(facts).toEqual([null, 'kube-system/p: predicted 1 min 4 s, measured 50 s'])
})

it('says of a pod that was not deleted that it was not', () => {
  const { facts } = judged([{ ...replaced, deletedAt: null, measuredDelayMs: null }])
  expect(facts[0]).toBe('kube-system/p: predicted 1 min 4 s, not deleted yet')
})

it('has nothing to say where nothing failed', () => {
  expect(judged([])).toEqual({ lapse: undefined, facts: [null, null] })
})
