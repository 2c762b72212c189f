import {
  appendFileSync,
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

import { type Verdicts, verdictsSchema } from '../harness/verdict.ts'

/** Runs that a trend is drawn over: a nightly one of half a year. */
const mostRuns = 200

/**
 * What the file holds of past runs, oldest first, the latest 200 of them. A line that is not a run's verdicts is skipped.
 */
export async function readHistory(file: string, most = mostRuns): Promise<Verdicts[]> {
  if (!existsSync(file)) return []
  const runs: Verdicts[] = []
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const run = parse(line)
    if (run === null) continue
    runs.push(run)
    if (runs.length > most) runs.shift()
  }
  return runs.toSorted((a, b) => a.run.startedAt.localeCompare(b.run.startedAt))
}

/**
 * Adds the verdicts of a run to those of past runs, once: a run that the file has already stays as it is. A run that has
 * not come to its end is no past run. Returns whether it was added.
 */
export async function addToHistory(file: string, verdicts: Verdicts): Promise<boolean> {
  if (verdicts.run.finishedAt === null) return false
  const known = await readHistory(file, Number.POSITIVE_INFINITY)
  if (known.some(({ run }) => run.id === verdicts.run.id)) return false
  mkdirSync(path.dirname(file), { recursive: true })
  // What an earlier process left half-written must not take this line with it.
  appendFileSync(file, `${endsMidLine(file) ? '\n' : ''}${JSON.stringify(shortened(verdicts))}\n`)
  return true
}

/**
 * Without what is half of it and belongs to its own run alone: what budgets are made of, the last observations, and what
 * the other shards were to do.
 */
function shortened(document: Verdicts): Verdicts {
  const { shard: _, files: __, ...run } = document.run
  const verdicts = document.verdicts.map((verdict) => ({
    ...verdict,
    reason: firstOf(verdict.reason, '\n'),
    expectations: verdict.expectations.map((result) => ({ ...result, budget: firstOf(result.budget, ' = ') })),
  }))
  return verdictsSchema.parse({ ...document, run, verdicts })
}

function firstOf(text: string, separator: string): string {
  return text.split(separator, 1)[0] ?? ''
}

function parse(line: string): Verdicts | null {
  try {
    const result = verdictsSchema.safeParse(JSON.parse(line))
    return result.success ? result.data : null
  } catch {
    return null
  }
}

function endsMidLine(file: string): boolean {
  if (!existsSync(file) || statSync(file).size === 0) return false
  const descriptor = openSync(file, 'r')
  try {
    const last = Buffer.alloc(1)
    readSync(descriptor, last, 0, 1, statSync(file).size - 1)
    return last.toString() !== '\n'
  } finally {
    closeSync(descriptor)
  }
}
