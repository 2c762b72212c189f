import { z } from 'zod'

/** Environment variable with the address of the run's admission: `PORT:TOKEN` on loopback. */
export const admissionVariable = 'CLUSTERPROOF_ADMISSION'

/** What a worker process says, a line of JSON each: that it wants to start a cluster, and that this one is up. */
export const requestSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    token: z.string(),
    machines: z.number().int().min(0).max(5_000),
    yields: z.boolean(),
  }),
  z.object({ kind: z.literal('started'), token: z.string() }),
])

export type Request = z.infer<typeof requestSchema>

/** What it is told once it may: how many clusters are there already, and what it has waited for last. */
export const answerSchema = z.object({ beside: z.number().int(), why: z.string() })
