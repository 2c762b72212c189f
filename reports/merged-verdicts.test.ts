import { expect, it } from 'vitest'

import { mergedVerdicts } from './merged-verdicts.ts'
import { sampleVerdict, sampleViolation } from './sample-verdict.ts'

const host = { platform: 'linux x64', cpus: 2, memoryBytes: 4 }
const leg = (id: string, startedAt: string, finishedAt: string | null, verdicts = [sampleVerdict()]) => ({
  out: `/runs/${id}`,
  verdicts: { schema: 1 as const, run: { id, startedAt, finishedAt, host }, verdicts },
})

it('spans all of the runs, and leads to the files of each', () => {
  const skipped = sampleVerdict({ outcome: 'skipped', journal: '' })
  const merged = mergedVerdicts(
    [leg('b', '2026-02-01', '2026-02-02', [sampleViolation()]), leg('a', '2026-01-01', '2026-01-02', [skipped])],
    '/runs/merged',
  )
  expect(merged.run).toEqual({ id: 'a+b', startedAt: '2026-01-01', finishedAt: '2026-02-02', host })
  expect(merged.verdicts).toMatchObject([
    { journal: '../b/journal/power-cut-abcd1234.jsonl', bundle: '../b/bundles/recovery.reboot-storm' },
    { journal: '', bundle: null },
  ])
})

it('has not ended where one of them has not', () => {
  const legs = [leg('a', '2026-01-01', null), leg('b', '2026-02-01', '2026-02-02')]
  expect(mergedVerdicts(legs, '/runs').run.finishedAt).toBeNull()
})

it('leaves one run as it is', () => {
  const { verdicts } = leg('a', '2026-01-01', '2026-01-02')
  expect(mergedVerdicts([{ out: '/runs/a', verdicts }], '/runs/a')).toEqual(verdicts)
})

it('keeps how long the files of all of them took', () => {
  const legs = ['a', 'b'].map((id) => {
    const { out, verdicts } = leg(id, '2026-01-01', '2026-01-02')
    return { out, verdicts: { ...verdicts, run: { ...verdicts.run, files: [{ file: `${id}.suite.ts`, tookMs: 5 }] } } }
  })
  expect(mergedVerdicts(legs, '/runs').run.files).toEqual([
    { file: 'a.suite.ts', tookMs: 5 },
    { file: 'b.suite.ts', tookMs: 5 },
  ])
})
