import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from './error-message.ts'
import type { Diagnosis } from './verdict.ts'

/** What names the cause of an expectation that failed, by the last value that was seen. */
interface Explained<T> {
  readonly diagnose?: (last: T | undefined) => Diagnosis | Promise<Diagnosis>
}

interface OwnDiagnosis {
  readonly diagnosis: Diagnosis | null
  /** Why it could not be told; null: it was, or nobody is there to tell it. */
  readonly undiagnosed: string | null
  /** What failed of it, for the failure's message: a line, or empty. */
  readonly note: string
}

/**
 * How often a diagnosis is asked for, and the pause between: one of its requests may break off, because the cluster is busy,
 * or this process is, with what it keeps of what failed.
 */
const attempts = 3
const pauseMs = 1_000

/** The cause by the expectation's own diagnosis. That it cannot be told does not undo that the condition failed. */
export async function ownDiagnosis<T>(expectation: Explained<T>, last: T | undefined): Promise<OwnDiagnosis> {
  const failures: string[] = []
  for (;;) {
    try {
      const diagnosis = (await expectation.diagnose?.(last)) ?? null
      const note = failures.length === 0 ? '' : `  the diagnosis came late: ${failures.join('; ')}\n`
      return { diagnosis, undiagnosed: null, note }
    } catch (error) {
      const undiagnosed = messageOf(error)
      failures.push(undiagnosed)
      if (failures.length === attempts)
        return { diagnosis: null, undiagnosed, note: `  no diagnosis: ${undiagnosed}\n` }
      await delay(pauseMs)
    }
  }
}
