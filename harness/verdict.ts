import { z } from 'zod'

export const outcomes = ['conforms', 'violates', 'inconclusive', 'skipped'] as const

const milliseconds = z.number().nonnegative()

/** A moment on the run's clock. */
const sinceStart = (text: string) =>
  milliseconds.describe(`${text}, in milliseconds since the run's start, on its one monotonic clock`)

// What each field means stands in its description: the published JSON Schema has it too (docs/schema).
export const diagnosisSchema = z
  .object({
    code: z
      .string()
      .describe('stable name of the cause, such as recovery.daemonset-backoff; `npm run explain -- CODE` explains it'),
    summary: z.string().describe('what happened, with the names and figures of this run'),
    remedies: z.array(z.string()).describe('what helps'),
    upstream: z.array(z.string()).describe('upstream code, issue or documentation that explains it'),
  })
  .meta({ id: 'diagnosis', description: 'the cause of a violation' })

export const expectationResultSchema = z
  .object({
    name: z.string().describe('the condition that had to come true'),
    budget: z.string().describe('the constants that the deadline is made of, each with its source, in words'),
    withinMs: milliseconds.describe('the deadline, in milliseconds from `since`; 0: it must hold at once, or never'),
    tookMs: milliseconds
      .nullable()
      .describe('milliseconds from `since` until it came true; null: it did not before the deadline'),
    since: sinceStart('the moment that it counts from'),
  })
  .meta({ id: 'expectation', description: 'a condition, its deadline, and when it came true' })

export const faultResultSchema = z
  .object({
    name: z.string().describe('what was done, such as reboot'),
    node: z
      .string()
      .describe('what it was done to: a machine, several with commas, `*` for all, or an object of the API'),
    injectedAt: sinceStart('when it struck'),
    healedAt: milliseconds
      .nullable()
      .describe("when it was over, in milliseconds since the run's start; null: it was not healed"),
  })
  .meta({ id: 'fault', description: 'what was broken on purpose' })

export const measurementSchema = z
  .object({
    name: z.string(),
    value: z.number(),
    unit: z.string().describe('ms, MiB, bytes, B or MB/s; empty for a count'),
  })
  .meta({ id: 'measurement', description: 'a figure that the verdict rests on or that a reader wants beside it' })

const outcomeSchema = z.enum(outcomes).meta({
  id: 'outcome',
  description:
    'conforms: every expectation held. violates: one did not, and the host kept up. inconclusive: the host was too slow ' +
    'or evidence is missing. skipped: the cluster lacks what the scenario needs',
})

export const verdictSchema = z
  .object({
    scenario: z.string().describe('its name; of a counter-test: NAME against WHAT'),
    cluster: z.string().describe('name of the cluster definition'),
    distribution: z
      .object({
        name: z.string(),
        version: z.string(),
        kubernetes: z.string().describe('version of Kubernetes, such as v1.34.4'),
      })
      .describe('what runs on the cluster; where it was never built, what its definition asks for'),
    outcome: outcomeSchema,
    reason: z
      .string()
      .describe('why it does not conform, with the last observations, in lines; empty where it conforms'),
    expected: z
      .object({
        outcome: outcomeSchema,
        diagnosis: z.string().describe('a code; empty: none'),
        reason: z.string().optional().describe('what the reason must have in it, where nothing is to be concluded'),
      })
      .nullable()
      .describe(
        'what the scenario declares of this cluster: an affected setup is expected to violate; null: to conform',
      ),
    diagnosis: diagnosisSchema.nullable().describe('the cause of a violation; null: it does not violate'),
    expectations: z.array(expectationResultSchema).describe('in the order in which they were judged'),
    faults: z.array(faultResultSchema),
    measurements: z.array(measurementSchema),
    journal: z
      .string()
      .describe('path of the journal, relative to the output directory; empty where there was no cluster'),
    bundle: z
      .string()
      .nullable()
      .describe(
        'path of the diagnostics bundle, relative to the output directory; null unless it violates or is inconclusive',
      ),
  })
  .meta({ id: 'verdict', description: 'what a scenario came to on a cluster, with its evidence' })

/** More shards than there can be files: a damaged document must not ask for a report of a million. */
const shardNumber = z.number().int().min(1).max(999)

export const shardSchema = z
  .object({
    index: shardNumber.describe('which one it is, from 1'),
    count: shardNumber.describe('how many there are'),
    plan: z
      .array(
        z.object({
          file: z.string().describe('path of the suite, relative to the project'),
          shard: shardNumber.describe('which shard runs it'),
          scenarios: z.array(z.string()).describe('names of the verdicts that it must come to'),
        }),
      )
      .describe('all files of all shards: what is missing is told by it where a shard has left nothing'),
  })
  .meta({ id: 'shard', description: 'which part of the scenarios the run was given' })

export const verdictsSchema = z.object({
  schema: z.literal(1).describe('version of this format; a field that is new does not change it'),
  run: z.object({
    id: z.string().describe('the value of the label clusterproof.run of all that the run made'),
    startedAt: z.string().describe('ISO 8601'),
    finishedAt: z.string().nullable().describe('ISO 8601; null: the run was ended before, or goes on'),
    host: z.object({
      platform: z.string().describe('such as linux x64'),
      cpus: z.number(),
      memoryBytes: z.number(),
    }),
    shard: shardSchema.optional().describe('left out: the run was given all'),
    files: z
      .array(z.object({ file: z.string(), tookMs: milliseconds }))
      .optional()
      .describe('the suites that came to their end, and how long each took; left out: nobody took the time'),
  }),
  verdicts: z.array(verdictSchema).describe('in the order in which they were reached'),
})

export type Outcome = (typeof outcomes)[number]

/** What a scenario declares. Without a diagnosis it is the reason that tells one cause of an inconclusive verdict from another. */
export type Declared =
  | { readonly outcome: Exclude<Outcome, 'inconclusive'>; readonly diagnosis: string }
  | { readonly outcome: 'inconclusive'; readonly diagnosis: ''; readonly reason: string }

export type Diagnosis = z.infer<typeof diagnosisSchema>
export type ExpectationResult = z.infer<typeof expectationResultSchema>
export type FaultResult = z.infer<typeof faultResultSchema>
export type Measurement = z.infer<typeof measurementSchema>
export type Verdict = z.infer<typeof verdictSchema>
export type Shard = z.infer<typeof shardSchema>
export type Verdicts = z.infer<typeof verdictsSchema>

/** What a verdict has to show for itself where nothing was done on a cluster. */
export function noEvidence() {
  return {
    diagnosis: null,
    expectations: [],
    faults: [],
    measurements: [],
    journal: '',
    bundle: null,
  } satisfies Partial<Verdict>
}

/** Whether a verdict is what its scenario declares. Only `conforms` and a declared violation are as expected. */
export function asExpected({
  outcome,
  reason,
  diagnosis,
  expected,
}: Pick<Verdict, 'outcome' | 'reason' | 'diagnosis' | 'expected'>): boolean {
  if (outcome === 'skipped') return true
  if (expected === null) return outcome === 'conforms'
  const isCause = (diagnosis?.code ?? '') === expected.diagnosis && reason.includes(expected.reason ?? '')
  return outcome === expected.outcome && isCause
}

/** Exit code of a run: 0 all conform, 1 something violates, 3 nothing could be concluded. */
export function exitCode(verdicts: readonly Pick<Verdict, 'outcome'>[]): 0 | 1 | 3 {
  if (verdicts.some(({ outcome }) => outcome === 'violates')) return 1
  const concluded = verdicts.filter(({ outcome }) => outcome === 'conforms')
  if (concluded.length === 0 || verdicts.some(({ outcome }) => outcome === 'inconclusive')) return 3
  return 0
}
