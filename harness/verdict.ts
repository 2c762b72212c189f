import { z } from 'zod'

export const outcomes = ['conforms', 'violates', 'inconclusive', 'skipped'] as const

const milliseconds = z.number().nonnegative()

export const diagnosisSchema = z.object({
  /** Stable name of the cause: `recovery.daemonset-backoff`. */
  code: z.string(),
  /** What happened, with the names and figures of this run. */
  summary: z.string(),
  remedies: z.array(z.string()),
  /** Upstream code, issue or documentation that explains it. */
  upstream: z.array(z.string()),
})

export const expectationResultSchema = z.object({
  name: z.string(),
  /** The constants that the deadline is made of, in words. */
  budget: z.string(),
  withinMs: milliseconds,
  /** Null: it did not come true before the deadline. */
  tookMs: milliseconds.nullable(),
  /** The moment that it counts from, in milliseconds since the run's start. */
  since: milliseconds,
})

export const faultResultSchema = z.object({
  name: z.string(),
  node: z.string(),
  injectedAt: milliseconds,
  healedAt: milliseconds.nullable(),
})

/** A figure that the verdict rests on or that a reader wants beside it. */
export const measurementSchema = z.object({ name: z.string(), value: z.number(), unit: z.string() })

export const verdictSchema = z.object({
  scenario: z.string(),
  cluster: z.string(),
  distribution: z.object({ name: z.string(), version: z.string(), kubernetes: z.string() }),
  outcome: z.enum(outcomes),
  /** Why it was skipped or could not be concluded; empty otherwise. */
  reason: z.string(),
  /** What the scenario declares of this cluster (an affected setup is expected to violate); null: to conform. */
  expected: z.object({ outcome: z.enum(outcomes), diagnosis: z.string() }).nullable(),
  diagnosis: diagnosisSchema.nullable(),
  expectations: z.array(expectationResultSchema),
  faults: z.array(faultResultSchema),
  measurements: z.array(measurementSchema),
  /** Path of the journal, relative to the output directory. */
  journal: z.string(),
  /** Path of the diagnostics bundle, relative to the output directory; null where the verdict conforms. */
  bundle: z.string().nullable(),
})

export const verdictsSchema = z.object({
  schema: z.literal(1),
  run: z.object({
    id: z.string(),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
    host: z.object({ platform: z.string(), cpus: z.number(), memoryBytes: z.number() }),
  }),
  verdicts: z.array(verdictSchema),
})

export type Outcome = (typeof outcomes)[number]
export type Diagnosis = z.infer<typeof diagnosisSchema>
export type ExpectationResult = z.infer<typeof expectationResultSchema>
export type FaultResult = z.infer<typeof faultResultSchema>
export type Measurement = z.infer<typeof measurementSchema>
export type Verdict = z.infer<typeof verdictSchema>
export type Verdicts = z.infer<typeof verdictsSchema>

/** Whether a verdict is what its scenario declares. Only `conforms` and a declared violation are as expected. */
export function asExpected(verdict: Pick<Verdict, 'outcome' | 'diagnosis' | 'expected'>): boolean {
  if (verdict.outcome === 'skipped') return true
  if (verdict.expected === null) return verdict.outcome === 'conforms'
  return verdict.outcome === verdict.expected.outcome && (verdict.diagnosis?.code ?? '') === verdict.expected.diagnosis
}

/** Exit code of a run: 0 all conform, 1 something violates, 3 nothing could be concluded. */
export function exitCode(verdicts: readonly Pick<Verdict, 'outcome'>[]): 0 | 1 | 3 {
  if (verdicts.some(({ outcome }) => outcome === 'violates')) return 1
  const concluded = verdicts.filter(({ outcome }) => outcome === 'conforms')
  if (concluded.length === 0 || verdicts.some(({ outcome }) => outcome === 'inconclusive')) return 3
  return 0
}
