import { z } from 'zod'

import { verdictSchema } from '../harness/verdict.ts'

/** A file of tests: its path relative to the project, and the project of vitest.config.ts that runs it. */
const ofFile = { file: z.string(), project: z.string() }

/**
 * What vitest's reporter tells the command line over the IPC channel, as it happens. What goes on within a scenario is
 * in its journal.
 */
export const runEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run begins'), files: z.number(), units: z.boolean() }),
  z.object({ kind: z.literal('file begins'), ...ofFile }),
  z.object({ kind: z.literal('test begins'), ...ofFile, test: z.string() }),
  z.object({ kind: z.literal('verdict'), ...ofFile, test: z.string(), verdict: verdictSchema, tookMs: z.number() }),
  /**
   * A test that failed without a verdict, with its errors as vitest prints them. `test` is empty where the file as a whole
   * failed, and `file`, too, where something outside of any did.
   */
  z.object({ kind: z.literal('failed'), ...ofFile, test: z.string(), errors: z.string() }),
  z.object({
    kind: z.literal('file ends'),
    ...ofFile,
    passed: z.number(),
    failed: z.number(),
    tookMs: z.number(),
  }),
])

export type RunEvent = z.infer<typeof runEventSchema>

/** The project of the tests that need no cluster. */
export const unitProject = 'unit'
