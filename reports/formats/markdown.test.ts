import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import { anyVerdicts, few, sampleVerdicts } from './any-verdicts.ts'
import { markdownSummary } from './markdown.ts'

const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const
const rowsOf = (text: string) =>
  text.split('\n').filter((line) => /^\| [^|]*\p{Emoji_Presentation}/u.test(line) || line.startsWith('| ⏭️'))

describe('the summary', () => {
  const expectation = { name: 'the node is Ready', budget: '5 s = x', withinMs: 5_000, tookMs: 2_500, since: 0 }

  it('begins with what the run came to', () => {
    const text = markdownSummary(
      sampleVerdicts([sampleVerdict(), sampleViolation(), sampleViolation({ expected: declared })]),
    )
    expect(text).toMatch(/^## clusterproof: 1 conform · 2 violate, 1 as declared\n/)
    expect(text).toContain('Run abcd1234, 2026-01-02T03:00:00.000Z, 10 min, on linux x64, 2 processors')
  })

  it('says of a run that was ended that it was', () => {
    expect(markdownSummary(sampleVerdicts([], { finishedAt: null }))).toContain('not ended in order')
  })

  it('has a row for each verdict, with its tightest expectation', () => {
    const [row] = rowsOf(markdownSummary(sampleVerdicts([sampleVerdict({ expectations: [expectation] })])))
    expect(row).toBe(
      '| ✅ | recovery.power-cut | kind<br>kind 0.33.0 v1.34.4 | conforms | the node is Ready: 2.5 s / 5 s |  |',
    )
  })

  it('has what is not as declared in its first rows', () => {
    const rows = rowsOf(markdownSummary(sampleVerdicts([sampleVerdict(), sampleViolation()])))
    expect(rows.map((row) => row.split(' ')[1])).toEqual(['❌', '✅'])
  })

  it('has details of what is not as declared, and of nothing else', () => {
    const missed = { ...expectation, tookMs: null }
    const text = markdownSummary(
      sampleVerdicts([
        sampleVerdict(),
        sampleViolation({ expected: declared }),
        sampleViolation({ expectations: [missed] }),
      ]),
    )
    expect(text.match(/<details>/g)).toHaveLength(1)
    expect(text).toContain('**recovery.daemonset-backoff**: kube-proxy waits 64 s on worker-1')
    expect(text).toContain('- restart kube-controller-manager')
    expect(text).toContain('| the node is Ready | 5 s = x |')
    expect(text).toContain('    at 61.0 s: kube-proxy Failed')
    expect(text).toContain('bundle: bundles/recovery.reboot-storm')
  })
})

describe('what clusters call their things', () => {
  it('does no harm', () => {
    const name = '<script>alert(1)</script> | `x` [y](z)'
    const text = markdownSummary(
      sampleVerdicts([
        sampleViolation({
          scenario: name,
          cluster: name,
          diagnosis: { code: 'x', summary: name, remedies: [name], upstream: [] },
          reason: '```\n</details><script>\n````',
        }),
      ]),
    )
    const [before = '', fenced = ''] = text.split('`````\n')
    expect(before).not.toContain('<script>')
    expect(rowsOf(text)).toHaveLength(1)
    // Inside a fence that is longer than its own, nothing is markup.
    expect(fenced).toBe('```\n</details><script>\n````\n')
  })

  it('leaves the table whole', () => {
    fc.assert(
      fc.property(anyVerdicts, (document) => {
        const rows = rowsOf(markdownSummary(document))
        expect(rows.length).toBeGreaterThanOrEqual(document.verdicts.length)
        for (const row of rows.slice(0, document.verdicts.length)) {
          expect(row.replaceAll(/\\[\\|]/g, '').match(/\|/g)).toHaveLength(7)
          expect(row.replaceAll('<br>', '')).not.toMatch(/[<>]/)
        }
      }),
      few,
    )
  })
})

describe('the limit', () => {
  const many = (count: number) =>
    sampleVerdicts(
      Array.from({ length: count }, (_, index) => sampleViolation({ reason: `${index} ${'é'.repeat(20_000)}` })),
    )

  it('is held, by whatever a run came to', () => {
    const limits = fc.integer({ min: 2_000, max: 20_000 })
    fc.assert(
      fc.property(anyVerdicts, limits, (document, limit) => {
        expect(Buffer.byteLength(markdownSummary(document, limit))).toBeLessThanOrEqual(limit)
      }),
      few,
    )
  })

  it('is 900 KiB, and what has no room is counted', () => {
    const text = markdownSummary(many(200))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900 * 1_024)
    expect(rowsOf(text).length).toBeGreaterThanOrEqual(200)
    const shown = text.match(/<details>/g)?.length ?? 0
    expect(shown).toBeGreaterThan(20)
    expect(text).toContain(`There was no room for details of ${200 - shown} verdicts: see \`verdicts.json\`.`)
  })

  it('cuts a long reason, and says so', () => {
    expect(markdownSummary(many(1))).toContain('… (whole in verdicts.json)')
  })

  it('leaves rows out where there is no room for them either', () => {
    expect(markdownSummary(many(200), 5_000)).toMatch(/no room for \d+ rows and details of \d+ verdicts/)
  })
})
