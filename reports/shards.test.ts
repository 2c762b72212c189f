import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Shard } from '../harness/verdict.ts'
import { verdictsAlone } from './allure/results.ts'
import type { RunReport } from './run-model.ts'
import { verdictsOf } from './run-model.ts'
import { sampleVerdict } from './sample-verdict.ts'
import { completeShards, lackingText } from './shards.ts'

const plan: Shard['plan'] = [
  { file: 'suites/a.suite.ts', shard: 1, scenarios: ['a.one', 'a.two'] },
  { file: 'suites/b.suite.ts', shard: 2, scenarios: ['b.one', 'shared'] },
  { file: 'suites/c.suite.ts', shard: 3, scenarios: ['c.one', 'shared'] },
]
const host = { platform: 'linux x64', cpus: 2, memoryBytes: 4 }

/** What a shard has left that came to these verdicts. */
function left(index: number, scenarios: readonly string[], of: Shard['plan'] = plan): RunReport {
  const id = `run0000${index}`
  const startedAt = `2026-01-0${index}T00:00:00.000Z`
  const out = `/runs/${index}`
  const report = verdictsAlone(
    { id, out, origin: { monotonic: '0', startedAt } },
    scenarios.map((scenario) => sampleVerdict({ scenario })),
  )
  return { ...report, run: { id, startedAt, finishedAt: startedAt, host, shard: { index, count: 3, plan: of } } }
}

const names = (runs: readonly RunReport[]) => runs.flatMap(({ scenarios }) => scenarios.map(({ scenario }) => scenario))

describe('completeShards', () => {
  it('leaves alone what lacks nothing, and runs that are no shards', () => {
    const whole = [left(1, ['a.one', 'a.two']), left(2, ['b.one', 'shared']), left(3, ['c.one', 'shared'])]
    expect(completeShards(whole)).toEqual({ runs: whole, lacking: [] })
    const other = { ...left(1, ['a.one']), run: null }
    expect(completeShards([other])).toEqual({ runs: [other], lacking: [] })
  })

  it('has every scenario of a shard that has left nothing, inconclusive, and says which shard', () => {
    const { runs, lacking } = completeShards([left(1, ['a.one', 'a.two']), left(3, ['c.one', 'shared'])])
    expect(runs.map(({ id }) => id)).toEqual(['run00001', 'run00003', 'shard-2-of-3'])
    const verdicts = runs.map(verdictsOf)
    expect(verdicts[2]?.run.finishedAt).toBeNull()
    expect(verdicts[2]?.verdicts).toMatchObject([
      { scenario: 'b.one', outcome: 'inconclusive', reason: expect.stringContaining('shard 2 of 3') },
      { scenario: 'shared', outcome: 'inconclusive' },
    ])
    expect(lacking).toEqual([{ shard: 2, count: 3, absent: true, scenarios: ['b.one', 'shared'] }])
    expect(lackingText(lacking)).toEqual(['shard 2 of 3 has left nothing; missing: b.one, shared'])
  })

  it('has what a shard did not come to that was ended early, but for the scenario that it ended in', () => {
    const ended = left(2, ['b.one'])
    const scenarios = ended.scenarios.map((scenario) => ({ ...scenario, verdict: null }))
    const runs = [left(1, ['a.one', 'a.two']), { ...ended, scenarios }, left(3, ['c.one', 'shared'])]
    const { lacking } = completeShards(runs)
    expect(lacking).toEqual([{ shard: 2, count: 3, absent: false, scenarios: ['shared'] }])
  })

  it('looks for no other shards where the report is of one alone', () => {
    const { lacking } = completeShards([left(1, ['a.one'])], { others: false })
    expect(lacking).toEqual([{ shard: 1, count: 3, absent: false, scenarios: ['a.two'] }])
  })

  it('takes one that boots several clusters for what it is', () => {
    const runs = [left(1, ['a.one', 'a.one', 'a.two']), left(2, ['b.one', 'shared']), left(3, ['c.one', 'shared'])]
    expect(completeShards(runs).lacking).toEqual([])
  })

  it('has every scenario of the plan, whatever was left of which shards', () => {
    const some = fc.tuple(...[1, 2, 3].map((index) => fc.option(anyPart(index)))).filter((parts) => parts.some(Boolean))
    fc.assert(
      fc.property(some, (parts) => {
        const runs = parts.filter((part) => part !== null)
        const completed = completeShards(runs)
        expect(names(completed.runs).toSorted()).toEqual(plan.flatMap(({ scenarios }) => scenarios).toSorted())
        expect(completed.lacking.length === 0).toBe(names(runs).length === 6)
      }),
    )
  })

  it('refuses a shard that is there twice, and shards of different plans', () => {
    expect(() => completeShards([left(1, []), left(1, ['a.one'])])).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('twice') }),
    )
    expect(() => completeShards([left(1, []), left(2, [], plan.slice(1))])).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('different plans') }),
    )
  })
})

function anyPart(index: number): fc.Arbitrary<RunReport> {
  const own = plan.filter(({ shard }) => shard === index).flatMap(({ scenarios }) => scenarios)
  return fc.subarray(own).map((scenarios) => left(index, scenarios))
}
