import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import { sampleVerdicts } from './any-verdicts.ts'
import { writeFormats } from './index.ts'
import { evidenceSpan, scenarioTimes } from './scenario-times.ts'

let out: string
beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'formats-'))
})
afterEach(() => {
  rmSync(out, { recursive: true })
})

const file = (name: string) => path.join(out, name)

describe('writeFormats', () => {
  const document = sampleVerdicts([sampleVerdict(), sampleViolation()])

  it('leaves three files, nothing half-written beside them, and says where they are', async () => {
    expect(await writeFormats(document, out, {})).toEqual(['junit.xml', 'summary.md', 'metrics.prom'].map(file))
    expect(readdirSync(out).toSorted()).toEqual(['junit.xml', 'metrics.prom', 'summary.md'])
    expect(readFileSync(file('junit.xml'), 'utf8')).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /)
    expect(readFileSync(file('metrics.prom'), 'utf8')).toMatch(/\n# EOF\n$/)
  })

  it("appends the summary to a job's page, once a run", async () => {
    const env = { GITHUB_STEP_SUMMARY: file('page.md') }
    writeFileSync(file('page.md'), 'before')
    await writeFormats(document, out, env)
    await writeFormats(document, out, env)
    await writeFormats(sampleVerdicts([], { id: 'other123' }), out, env)
    const page = readFileSync(file('page.md'), 'utf8')
    expect(page).toMatch(/^before\n<!-- clusterproof run abcd1234 -->\n## clusterproof: 1 conform · 1 violate\n/)
    expect(page.match(/## clusterproof/g)).toHaveLength(2)
  })

  it('keeps a page within what GitHub takes', async () => {
    writeFileSync(file('page.md'), 'x'.repeat(1_024 * 1_024 - 2_500))
    const reason = 'y'.repeat(10_000)
    await writeFormats(sampleVerdicts([sampleViolation({ reason })]), out, { GITHUB_STEP_SUMMARY: file('page.md') })
    const page = readFileSync(file('page.md'), 'utf8')
    expect(page).toContain('There was no room for details of 1 verdicts')
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(1_024 * 1_024)
  })

  it('asks for no page where there is none', async () => {
    await writeFormats(document, out, { GITHUB_STEP_SUMMARY: '' })
    expect(readdirSync(out)).toHaveLength(3)
  })
})

describe('scenarioTimes', () => {
  const line = (t: number, kind: string, subject = 'recovery.power-cut') =>
    `${JSON.stringify({ t, at: '', source: 'scenario', kind, subject })}\n`

  it('are from the start of each scenario to its end, by its journal, in their order', async () => {
    mkdirSync(file('journal'))
    writeFileSync(
      file('journal/power-cut-abcd1234.jsonl'),
      [line(1_000, 'started'), '{"half', '\n', line(3_500, 'ended'), line(4_000, 'started'), line(9_000, 'ended')].join(
        '',
      ),
    )
    const verdicts = [sampleVerdict(), sampleVerdict()]
    expect([...(await scenarioTimes({ verdicts }, out)).values()]).toEqual([2_500, 5_000])
  })

  it('are those of the evidence where there is no journal', async () => {
    const expectations = [{ name: 'x', budget: '', withinMs: 10_000, tookMs: 4_000, since: 2_000 }]
    const verdicts = [sampleVerdict({ expectations }), sampleVerdict({ journal: '' })]
    expect([...(await scenarioTimes({ verdicts }, out)).values()]).toEqual([4_000, 0])
  })

  it('span faults, and deadlines that were missed', () => {
    const missed = { name: 'x', budget: '', withinMs: 10_000, tookMs: null, since: 2_000 }
    const fault = { name: 'reboot', node: '*', injectedAt: 500, healedAt: null }
    expect(evidenceSpan({ expectations: [missed], faults: [fault] })).toBe(11_500)
  })
})
