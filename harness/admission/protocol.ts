import { z } from 'zod'

/** Environment variable with the address of the run's admission: `PORT:TOKEN` on loopback. */
export const admissionVariable = 'CLUSTERPROOF_ADMISSION'

/**
 * What a worker process says, a line of JSON each, and is answered: that it wants to start a cluster, that this one is up and
 * may be tested, and that a scenario wants to begin.
 */
export const requestSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    token: z.string(),
    machines: z.number().int().min(0).max(5_000),
    yields: z.boolean(),
    expectedMs: z.number().min(0),
  }),
  z.object({ kind: z.literal('started'), token: z.string() }),
  z.object({ kind: z.literal('turn'), token: z.string() }),
])

export type Request = z.infer<typeof requestSchema>

/** What it is told once it may: how many other clusters are there, and what it has waited for last; empty: for nothing. */
export const answerSchema = z.object({ beside: z.number().int(), why: z.string() })

export type Answer = z.infer<typeof answerSchema>
