import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { z } from 'zod'

const countsSchema = z.object({ passed: z.number(), failed: z.number(), skipped: z.number() })

/** How many tests came out how. */
export type TestCounts = z.infer<typeof countsSchema>

export const noTests: TestCounts = { passed: 0, failed: 0, skipped: 0 }

export function add(left: TestCounts, right: TestCounts): TestCounts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  }
}

/** The line that `npm test` ends with. Machines read it. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** Leaves the counts so far of this process for the command line; a run may have several vitest processes. */
export function writeCounts(workDirectory: string, counts: TestCounts): void {
  mkdirSync(workDirectory, { recursive: true, mode: 0o700 })
  writeFileSync(path.join(workDirectory, `counts-${process.pid}.json`), JSON.stringify(counts))
}

/** The sum of what all vitest processes of a run have counted. */
export function readCounts(workDirectory: string): TestCounts {
  let sum = noTests
  for (const name of files(workDirectory)) {
    if (!/^counts-\d+\.json$/.test(name)) continue
    sum = add(sum, countsSchema.parse(JSON.parse(readFileSync(path.join(workDirectory, name), 'utf8'))))
  }
  return sum
}

function files(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    // No process counted anything.
    return []
  }
}
