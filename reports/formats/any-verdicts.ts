import fc from 'fast-check'

import { outcomes, type Verdict, type Verdicts } from '../../harness/verdict.ts'

/** A document for unit tests, of a run of ten minutes. */
export function sampleVerdicts(verdicts: readonly Verdict[], changes: Partial<Verdicts['run']> = {}): Verdicts {
  return {
    schema: 1,
    run: {
      id: 'abcd1234',
      startedAt: '2026-01-02T03:00:00.000Z',
      finishedAt: '2026-01-02T03:10:00.000Z',
      host: { platform: 'linux x64', cpus: 2, memoryBytes: 25_276_502_016 },
      ...changes,
    },
    verdicts: [...verdicts],
  }
}

/** What one format or another gives a meaning to. */
const meaningful =
  `<script>|</pre>|]]>|&amp;|"|'|\`|\\|\n|\r|\u0000|\u001b[1m|\ufffe|# EOF|{|}|=|,|:|a:| |-->|<!--|*|_|[x](y)|@|é|😀|\ud800|\t`
    .split('|')
    .concat('|')

/** Names and messages as clusters could have them, with all that may be special in them. */
export const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...meaningful) }),
)

// Few names: what repeats must stay apart.
const anyName = fc.oneof(fc.constantFrom('recovery.power-cut', 'recovery.cold-start', 'kind', 'roles'), anyText)
const anyMs = fc.double({ min: 0, max: 1e9, noNaN: true })
const anyOutcome = fc.constantFrom(...outcomes)

const anyVerdict: fc.Arbitrary<Verdict> = fc.record({
  scenario: anyName,
  cluster: anyName,
  distribution: fc.record({ name: anyName, version: anyText, kubernetes: anyText }),
  outcome: anyOutcome,
  reason: anyText,
  expected: fc.option(fc.record({ outcome: anyOutcome, diagnosis: anyName })),
  diagnosis: fc.option(
    fc.record({ code: anyName, summary: anyText, remedies: fc.array(anyText), upstream: fc.array(anyText) }),
  ),
  expectations: fc.array(
    fc.record({ name: anyName, budget: anyText, withinMs: anyMs, tookMs: fc.option(anyMs), since: anyMs }),
    { maxLength: 3 },
  ),
  faults: fc.array(fc.record({ name: anyName, node: anyText, injectedAt: anyMs, healedAt: fc.option(anyMs) }), {
    maxLength: 2,
  }),
  measurements: fc.array(
    fc.record({ name: anyName, value: fc.double({ noNaN: true, noDefaultInfinity: true }), unit: anyText }),
    { maxLength: 2 },
  ),
  journal: anyText,
  bundle: fc.option(anyText),
})

const anyNumber = fc.integer({ min: 1, max: 999 })
const anyShard = fc.record({
  index: anyNumber,
  count: anyNumber,
  plan: fc.array(fc.record({ file: anyName, shard: anyNumber, scenarios: fc.array(anyName, { maxLength: 3 }) }), {
    maxLength: 3,
  }),
})

/** What a run says of itself, or leaves out. */
const anyRun = fc.record(
  {
    id: anyName,
    finishedAt: fc.constant(null),
    shard: anyShard,
    files: fc.array(fc.record({ file: anyName, tookMs: anyMs }), { maxLength: 3 }),
  },
  { requiredKeys: ['id'] },
)

/** What a run can come to, for laws that hold of all of them. */
export const anyVerdicts: fc.Arbitrary<Verdicts> = fc
  .record({ verdicts: fc.array(anyVerdict, { maxLength: 6 }), run: anyRun })
  .map(({ verdicts, run }) => sampleVerdicts(verdicts, run))

/** Of whole documents few are enough, and more take seconds. */
export const few = { numRuns: 30 } as const
