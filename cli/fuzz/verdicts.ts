import { writeFileSync } from 'node:fs'

import fc from 'fast-check'

import { asExpected, exitCode, outcomes, verdictsSchema } from '../../harness/verdict.ts'
import { sampleVerdict, sampleViolation } from '../../reports/sample-verdict.ts'
import { mergedVerdicts } from '../../reports/merged-verdicts.ts'
import { readVerdicts, verdictsPath, writeVerdicts } from '../../reports/verdicts-file.ts'
import { campaign } from './campaign.ts'
import { damaged, damages } from './damage.ts'
import { scratch } from './scratch.ts'

/** Nearly always what belongs there: of a document with one wrong field nothing is read. */
function mostly<T>(right: fc.Arbitrary<T>, ...wrong: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: right, weight: 60 }, { arbitrary: fc.constantFrom(...wrong), weight: 1 })
}

const time = mostly(fc.oneof(fc.nat(1e6), fc.constantFrom(0, 0.1, 1e300)), -1, null, '1')
const expectation = fc.record({
  name: mostly(fc.constantFrom('it runs', '', '\u001b[2J'), 7),
  budget: fc.constant('1 s = limit 1 s (test)'),
  withinMs: time,
  tookMs: fc.option(time),
  since: time,
})
const fault = fc.record({
  name: fc.constantFrom('reboot', ''),
  node: fc.string(),
  injectedAt: time,
  healedAt: fc.option(time),
})
const measurement = fc.record({
  name: fc.constantFrom('gap', 'DaemonSet/agent NodeShutdown: predicted delay', 'pod/x Failed: measured delay'),
  value: mostly(fc.double({ noNaN: true, noDefaultInfinity: true }), null, 'much'),
  unit: fc.constantFrom('ms', ''),
})
const cause = { code: 'recovery.daemonset-backoff', summary: 'a\nb', remedies: ['x'], upstream: [] }

/** A verdict, or what is nearly one. */
export const verdict: fc.Arbitrary<unknown> = fc
  .record({
    base: fc.constantFrom(sampleVerdict, sampleViolation).map((sample) => sample()),
    changes: fc.record(
      {
        scenario: mostly(fc.constantFrom('a.one', 'a.two', ''), null),
        cluster: fc.string({ maxLength: 10 }),
        outcome: mostly(fc.constantFrom(...outcomes), 'passed'),
        expected: mostly(fc.constantFrom(null, { outcome: 'violates', diagnosis: cause.code }), {}),
        diagnosis: mostly(fc.constantFrom(null, cause), undefined, {}),
        expectations: fc.array(expectation, { maxLength: 4 }),
        faults: fc.array(fault, { maxLength: 3 }),
        measurements: fc.array(measurement, { maxLength: 3 }),
        journal: fc.constantFrom('journal/a-abcd1234.jsonl', 'journal/b-abcd1234.jsonl', '', '../../x', '\u0000'),
        unknown: fc.jsonValue({ maxDepth: 1 }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ base, changes }) => Object.assign(base, changes))

const run = fc.record({
  id: mostly(fc.constantFrom('abcd1234', 'zzzz9999', ''), 7),
  startedAt: mostly(fc.constantFrom('2026-01-02T03:00:00.000Z', 'yesterday', ''), null),
  finishedAt: mostly(fc.constantFrom('2026-01-02T03:10:00.000Z', null), undefined),
  host: mostly(fc.constant({ platform: 'linux x64', cpus: 2, memoryBytes: 4 }), {}, null),
})
const document = fc.record({
  schema: mostly(fc.constant(1), 2, '1'),
  run,
  verdicts: fc.array(verdict, { maxLength: 5 }),
})
const pieces = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  'null',
  '1e999',
  '"schema":2',
  '[['.repeat(5_000),
  '\u0000',
  '"__proto__":1,',
  '\ufeff',
]

/** The bytes of a `verdicts.json`, as they were written or worse. */
export const verdictsBytes: fc.Arbitrary<Buffer> = fc.oneof(
  {
    arbitrary: fc
      .tuple(document, fc.option(damages, { freq: 2 }))
      .map(([content, damage]) => damaged(Buffer.from(JSON.stringify(content)), damage ?? [], pieces)),
    weight: 9,
  },
  { arbitrary: fc.json().map((text) => Buffer.from(text)), weight: 1 },
)

/** `npm run fuzz`: anything that may lie where a run's verdicts are looked for. */
export const verdicts = campaign({
  name: 'verdicts',
  subject: 'verdicts.json',
  share: 0.25,
  inputs: verdictsBytes,
  check: checkVerdicts,
})

/** What is read are verdicts, which can be judged, merged, and written again. Else there are none. */
export function checkVerdicts(bytes: Buffer): void {
  const out = scratch()
  writeFileSync(verdictsPath(out), bytes)
  const found = readVerdicts(out)
  if (found === null) return
  exitCode(found.verdicts)
  const merged = mergedVerdicts([{ out, verdicts: found }], out)
  same(found.verdicts.map(asExpected), merged.verdicts.map(asExpected))
  writeVerdicts(out, found)
  same(readVerdicts(out), verdictsSchema.parse(found))
}

function same(one: unknown, other: unknown): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) throw new Error('what is read is not what was written')
}
