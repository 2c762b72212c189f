import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { z } from 'zod'

const resultSchema = z.object({
  labels: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  attachments: z.array(z.object({ name: z.string(), source: z.string() })).default([]),
})
type Result = z.infer<typeof resultSchema>

/**
 * Brings what allure-vitest has left beside the verdicts of a run, which is in no journal: tests that failed without a
 * verdict, and errors outside of tests. Nothing to do where the results stay with their run.
 */
export function bringOthers(from: string, to: string): void {
  if (!existsSync(from) || path.resolve(from) === path.resolve(to)) return
  mkdirSync(to, { recursive: true })
  const names = readdirSync(from)
  const copy = (name: string) => {
    if (names.includes(name)) copyFileSync(path.join(from, name), path.join(to, name))
  }
  for (const name of names) {
    const result = readResult(path.join(from, name))
    if (isByVitest(result) && !hasVerdict(result)) [name, ...sourcesOf(result)].forEach(copy)
    else if (/^[\da-f-]{36}-globals\.json$/.test(name)) copy(name)
  }
}

/** Before results.ts allure-vitest wrote the verdicts: what it left of a run from then would be there twice. */
export function removeOldVerdicts(directory: string): void {
  if (!existsSync(directory)) return
  for (const name of readdirSync(directory)) {
    const result = readResult(path.join(directory, name))
    if (!isByVitest(result) || !hasVerdict(result)) continue
    for (const file of [name, ...sourcesOf(result)]) rmSync(path.join(directory, path.basename(file)), { force: true })
  }
}

/** Null: it is no result, or damaged. */
function readResult(file: string): Result | null {
  if (!file.endsWith('-result.json')) return null
  try {
    return resultSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

function isByVitest(result: Result | null): result is Result {
  return result?.labels.some(({ name, value }) => name === 'framework' && value === 'vitest') === true
}

function hasVerdict({ attachments }: Result): boolean {
  return attachments.some(({ name }) => name === 'verdict')
}

function sourcesOf({ attachments }: Result): string[] {
  return attachments.map(({ source }) => path.basename(source))
}
