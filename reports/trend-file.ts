import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { Verdicts } from '../harness/verdict.ts'
import { attempt } from './drawn-picture.ts'
import { trendPicture } from './pictures/trend.ts'

/** Draws what became of the scenarios over these runs, oldest first. Returns its file; null: there is nothing to show. */
export async function writeTrend(folder: string, runs: readonly Verdicts[]): Promise<string | null> {
  const file = path.join(folder, 'trend.svg')
  rmSync(file, { force: true })
  const picture = await attempt('trend', 'Past runs', (title) => trendPicture(runs, title))
  if (picture === null) return null
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, picture.svg)
  return file
}
