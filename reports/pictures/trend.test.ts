import { describe, expect, it } from 'vitest'
import { create } from 'xmlbuilder2'

import type { ExpectationResult, Verdict, Verdicts } from '../../harness/verdict.ts'
import { sampleVerdict } from '../sample-verdict.ts'
import { trendPicture, trendRows } from './trend.ts'

function run(day: number, verdicts: readonly Verdict[]): Verdicts {
  const startedAt = new Date(Date.UTC(2026, 0, day)).toISOString()
  const host = { platform: 'linux', cpus: 2, memoryBytes: 1 }
  return { schema: 1, run: { id: 'abcd1234', startedAt, finishedAt: startedAt, host }, verdicts: [...verdicts] }
}

function within(tookMs: number | null): ExpectationResult {
  return { name: 'it is Ready', budget: '10 s', withinMs: 10_000, tookMs, since: 0 }
}

const steady = sampleVerdict({ scenario: 'a.steady', expectations: [within(1_000)] })
const declared = sampleVerdict({
  scenario: 'b.declared',
  outcome: 'violates',
  diagnosis: { code: 'x.y', summary: '', remedies: [], upstream: [] },
  expected: { outcome: 'violates', diagnosis: 'x.y' },
  expectations: [within(null)],
})
const moving = (tookMs: number) =>
  sampleVerdict({ scenario: 'c.moving', expectations: [within(2_000), within(tookMs)] })
const broken = sampleVerdict({ scenario: 'd.broken', outcome: 'violates', expectations: [within(null)] })

describe('trendRows', () => {
  it('has one row for each scenario and cluster, those that violate or move first', () => {
    const rows = trendRows([
      run(1, [steady, declared, moving(3_000)]),
      run(2, [steady, declared, moving(9_000), broken]),
    ])

    expect(
      rows.map(({ scenario, dots }) => [scenario, dots.map(({ kind, share, result }) => [kind, share, result])]),
    ).toEqual([
      ['d.broken', [['violates', null, 'missed / 10 s']]],
      [
        'c.moving',
        [
          ['conforms', 0.3, '3 s / 10 s'],
          ['conforms', 0.9, '9 s / 10 s'],
        ],
      ],
      [
        'a.steady',
        [
          ['conforms', 0.1, '1 s / 10 s'],
          ['conforms', 0.1, '1 s / 10 s'],
        ],
      ],
      [
        'b.declared',
        [
          ['declared', null, 'missed / 10 s'],
          ['declared', null, 'missed / 10 s'],
        ],
      ],
    ])
  })

  it('keeps clusters apart', () => {
    const rows = trendRows([run(1, [steady, { ...steady, cluster: 'k3s' }])])
    expect(rows.map(({ on }) => on).toSorted()).toEqual(['k3s', 'kind'])
  })

  it('keeps the legs of a matrix apart, whose clusters have one name, and a patch release in its row', () => {
    const leg = (kubernetes: string, cluster = 'kind') => ({
      ...steady,
      cluster,
      distribution: { ...steady.distribution, kubernetes },
    })
    const rows = trendRows([
      run(1, [leg('v1.34.4')]),
      run(2, [leg('v1.35.1')]),
      run(3, [leg('v1.34.5')]),
      run(4, [leg('', 'k3s')]),
    ])
    expect(rows.map(({ on, dots }) => [on, dots.map(({ run: nth }) => nth)]).toSorted()).toEqual([
      ['k3s', [4]],
      ['kind, Kubernetes 1.34', [1, 3]],
      ['kind, Kubernetes 1.35', [2]],
    ])
  })
})

describe('trendPicture', () => {
  it('draws one run', async () => {
    const svg = (await trendPicture([run(1, [steady])], 'Past runs')) ?? ''

    expect(svg).toContain('1 run, 2026-01-01')
    expect(svg).toContain('1 s / 10 s')
    expect(svg).toMatch(
      /<title>a\.steady on kind, 2026-01-01T00:00:00\.000Z: conforms: it is Ready: 1 s \/ 10 s<\/title>/,
    )
  })

  it('draws the last hundred of many runs, with a line at the budget and at 80 % of it', async () => {
    const runs = Array.from({ length: 120 }, (_, index) => run(index + 1, [steady, moving(index * 80)]))
    const svg = (await trendPicture(runs, 'Past runs')) ?? ''

    expect(svg).toContain('100 runs, 2026-01-21 to 2026-04-30')
    expect(svg).toContain('Not shown: 20 older runs.')
    const dots = svg.split('<g class="mark-symbol role-mark dots_marks"')[1]?.split('</g>')[0] ?? ''
    expect(dots.match(/<path /g)).toHaveLength(200)
    expect([...svg.matchAll(/>(?:budget|80 %)<\/text>/g)]).toHaveLength(4)
  })

  it('shows at most twenty rows', async () => {
    const verdicts = Array.from({ length: 30 }, (_, index) => ({ ...steady, scenario: `s.${index}` }))
    expect(await trendPicture([run(1, verdicts)], 'a')).toContain('Not shown: 10 scenarios that moved less.')
  })

  it('does nothing else with a name than to show it', async () => {
    const svg = (await trendPicture([run(1, [{ ...broken, scenario: '<script>alert(1)</script>' }])], 'a')) ?? ''
    expect(svg).not.toContain('<script')
    expect(() => create(svg)).not.toThrow()
  })

  it('draws nothing of no verdicts', async () => {
    expect(await trendPicture([], 'a')).toBeNull()
    expect(await trendPicture([run(1, [])], 'a')).toBeNull()
  })
})
