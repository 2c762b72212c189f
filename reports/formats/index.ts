import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { Verdicts } from '../../harness/verdict.ts'
import { junitXml } from './junit.ts'
import { defaultLimitBytes, githubLimitBytes, markdownSummary } from './markdown.ts'
import { openMetrics } from './openmetrics.ts'
import { scenarioTimes } from './scenario-times.ts'

/**
 * Writes the run in the formats that other programs read, into its output directory: `junit.xml`, `summary.md` and
 * `metrics.prom`. Where GitHub Actions asks for one, the summary goes to the job's page too, once per run.
 * @returns the paths of the files
 */
export async function writeFormats(
  document: Verdicts,
  out: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const times = await scenarioTimes(document, out)
  mkdirSync(out, { recursive: true })
  const files = [
    write(path.join(out, 'junit.xml'), junitXml(document, times)),
    write(path.join(out, 'summary.md'), markdownSummary(document)),
    write(path.join(out, 'metrics.prom'), openMetrics(document, times)),
  ]
  const page = env['GITHUB_STEP_SUMMARY']
  if (page !== undefined && page !== '') appendSummary(page, document)
  return files
}

/** A job's page is of the step's and may have more on it than this: what is appended fits into what is left of it. */
function appendSummary(file: string, document: Verdicts): void {
  const there = read(file)
  const mark = `<!-- clusterproof run ${document.run.id.replaceAll(/[^a-z0-9]/gi, '')} -->\n`
  if (there.includes(mark)) return
  const between = there === '' || there.endsWith('\n') ? mark : `\n${mark}`
  const left = githubLimitBytes - Buffer.byteLength(there) - Buffer.byteLength(between)
  const summary = markdownSummary(document, Math.min(left, defaultLimitBytes))
  if (Buffer.byteLength(summary) <= left) appendFileSync(file, between + summary)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It is made by whoever writes first.
    return ''
  }
}

/** A reader never sees half a file: it is written beside its place and then put there. */
function write(file: string, text: string): string {
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, text)
  renameSync(fresh, file)
  return file
}
