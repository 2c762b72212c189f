import { setTimeout as delay } from 'node:timers/promises'

import type { Diagnosis } from './verdict.ts'

/** What names the cause of an expectation that failed, by the last value that was seen. */
interface Explained<T> {
  readonly diagnose?: (last: T | undefined) => Diagnosis | Promise<Diagnosis>
}

interface OwnDiagnosis {
  readonly diagnosis: Diagnosis | null
  /** Why it could not be told; null: it was, or nobody is there to tell it. */
  readonly undiagnosed: string | null
  /** The latter as a line of the failure's message; empty: there is none. */
  readonly note: string
}

/**
 * It asks the cluster, and one of its requests may break off: the cluster is busy, or this process is, with what it keeps
 * of what failed. It is asked for so often, with a pause between.
 */
const attempts = 3
const pauseMs = 1_000

/** The cause by the expectation's own diagnosis. That it cannot be told does not undo that the condition failed. */
export async function ownDiagnosis<T>(
  expectation: Explained<T>,
  last: T | undefined,
  left = attempts,
): Promise<OwnDiagnosis> {
  try {
    return { diagnosis: (await expectation.diagnose?.(last)) ?? null, undiagnosed: null, note: '' }
  } catch (error) {
    if (left > 1) {
      await delay(pauseMs)
      return ownDiagnosis(expectation, last, left - 1)
    }
    const undiagnosed = error instanceof Error ? error.message : String(error)
    return { diagnosis: null, undiagnosed, note: `  no diagnosis: ${undiagnosed}\n` }
  }
}
