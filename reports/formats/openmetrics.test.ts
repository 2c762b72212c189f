import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Verdict } from '../../harness/verdict.ts'
import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import { anyVerdicts, few, sampleVerdicts } from './any-verdicts.ts'
import { readOpenMetrics, type ReadSample } from './openmetrics-text.ts'
import { lasting, openMetrics } from './openmetrics.ts'

function written(verdicts: readonly Verdict[], times: ReadonlyMap<Verdict, number> = new Map()): ReadSample[] {
  return readOpenMetrics(openMetrics(sampleVerdicts(verdicts), times))
}

const named = (samples: readonly ReadSample[], name: string) => samples.filter((sample) => sample.name === name)
const met = { name: 'the node is Ready', budget: '', withinMs: 65_000, tookMs: 45_200.5, since: 0 }
const where = {
  scenario: 'recovery.power-cut',
  cluster: 'kind',
  distribution: 'kind',
  version: '0.33.0',
  kubernetes: 'v1.34.4',
  repeat: '1',
}

describe('the metrics of a run', () => {
  it('have its times in seconds', () => {
    const samples = written([])
    expect(named(samples, 'clusterproof_run_duration_seconds')).toMatchObject([{ value: 600 }])
    expect(named(samples, 'clusterproof_run_started_timestamp_seconds')).toMatchObject([{ value: 1_767_322_800 }])
    expect(named(samples, 'clusterproof_run_info')).toMatchObject([{ labels: { run: 'abcd1234' } }])
  })

  it('have no end of a run that has none', () => {
    const samples = readOpenMetrics(openMetrics(sampleVerdicts([], { finishedAt: null }), new Map()))
    expect(samples.map(({ name }) => name)).toEqual([
      'clusterproof_run_info',
      'clusterproof_run_started_timestamp_seconds',
    ])
  })

  it('have what each expectation took, its budget, and whether it was met', () => {
    const verdict = sampleVerdict({ expectations: [met, { ...met, tookMs: null }] })
    const samples = written([verdict], new Map([[verdict, 84_700]]))
    const labels = { ...where, expectation: 'the node is Ready', occurrence: '1' }
    const missed = { ...labels, occurrence: '2' }
    expect(named(samples, 'clusterproof_expectation_seconds')).toMatchObject([{ labels, value: 45.2005 }])
    expect(named(samples, 'clusterproof_expectation_budget_seconds')).toMatchObject([
      { labels, value: 65 },
      { labels: missed, value: 65 },
    ])
    expect(named(samples, 'clusterproof_expectation_met').map(({ value }) => value)).toEqual([1, 0])
    expect(named(samples, 'clusterproof_scenario_duration_seconds')).toMatchObject([{ labels: where, value: 84.7 }])
  })

  it('have each outcome as 0 or 1, the diagnosis, and whether it was declared', () => {
    const samples = written([
      sampleViolation({ expected: { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } }),
    ])
    const outcome = named(samples, 'clusterproof_outcome').map(({ labels, value }) => [labels['outcome'], value])
    expect(Object.fromEntries(outcome)).toEqual({ conforms: 0, violates: 1, inconclusive: 0, skipped: 0 })
    expect(named(samples, 'clusterproof_as_expected')).toMatchObject([{ value: 1 }])
    expect(named(samples, 'clusterproof_diagnosis_info')).toMatchObject([
      { labels: { scenario: 'recovery.reboot-storm', diagnosis: 'recovery.daemonset-backoff' } },
    ])
  })

  it('number what is repeated', () => {
    const repeats = named(
      written([sampleVerdict(), sampleVerdict({ cluster: 'split' }), sampleVerdict()]),
      'clusterproof_as_expected',
    )
    expect(repeats.map(({ labels: { cluster, repeat } }) => [cluster, repeat])).toEqual([
      ['kind', '1'],
      ['split', '1'],
      ['kind', '2'],
    ])
  })

  it('are text that a strict reader takes, with every verdict in it, whatever names hold', () => {
    fc.assert(
      fc.property(anyVerdicts, (document) => {
        const samples = readOpenMetrics(openMetrics(document, new Map()))
        const outcomes = named(samples, 'clusterproof_outcome').filter(({ value }) => value === 1)
        expect(outcomes.map(({ labels }) => [labels['scenario'], labels['cluster'], labels['outcome']])).toEqual(
          document.verdicts.map(({ scenario, cluster, outcome }) => [
            scenario.toWellFormed(),
            cluster.toWellFormed(),
            outcome,
          ]),
        )
        const expectations = document.verdicts.flatMap((verdict) => verdict.expectations)
        expect(named(samples, 'clusterproof_expectation_budget_seconds')).toHaveLength(expectations.length)
      }),
      few,
    )
  })
})

describe('lasting', () => {
  it('takes out of names what the run made up for its machines', () => {
    expect(lasting('the mirror of lone-iovv-bwk1-joining-2 finds x', 'lone', '9yo7iovv')).toBe(
      'the mirror of joining-2 finds x',
    )
    expect(lasting('kind-iovv-pd1-cp and kind-iovv-pd1-worker', 'kind', '9yo7iovv')).toBe('cp and worker')
  })

  it('takes them out of the names of each of several runs', () => {
    const merged = 'aaaa1111+bbbb2222'
    expect(lasting('kind-1111-pd1-cp is Ready', 'kind', merged)).toBe('cp is Ready')
    expect(lasting('kind-2222-pd1-cp is Ready', 'kind', merged)).toBe('cp is Ready')
  })

  it('leaves other names as they are', () => {
    expect(lasting('lone-abcd-bwk1-cp is Ready', 'lone', '9yo7iovv')).toBe('lone-abcd-bwk1-cp is Ready')
  })
})

describe('the strict reader', () => {
  const head = '# TYPE a gauge\n'
  it.each([
    ['no end', `${head}a 1\n`],
    ['a line after the end', '# EOF\na 1\n'],
    ['a sample of no family', 'a 1\n# EOF\n'],
    ['a family twice', `${head}a 1\n# TYPE b gauge\nb 1\n${head}a{x="1"} 1\n# EOF\n`],
    ['a label set twice', `${head}a{x="1",y="2"} 1\na{y="2",x="1"} 2\n# EOF\n`],
    ['a quote that is not escaped', `${head}a{x="""} 1\n# EOF\n`],
    ['an unknown escape', `${head}a{x="\\t"} 1\n# EOF\n`],
    ['a comma at the end', `${head}a{x="1",} 1\n# EOF\n`],
    ['no number', `${head}a null\n# EOF\n`],
    ['an empty line', `${head}\na 1\n# EOF\n`],
    ['a unit that the name lacks', `${head}# UNIT a seconds\na 1\n# EOF\n`],
  ])('says no to %s', (_, text) => {
    expect(() => readOpenMetrics(text)).toThrow(SyntaxError)
  })

  it('takes what is right', () => {
    expect(readOpenMetrics(`${head}a{x="\\"\\\\\\n,y=\\"1"} 1.5e-7\n# EOF\n`)).toEqual([
      { name: 'a', labels: { x: '"\\\n,y="1' }, value: 1.5e-7 },
    ])
    expect(readOpenMetrics('# EOF\n')).toEqual([])
  })
})
