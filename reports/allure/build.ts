import { existsSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { FileSystemWriter, parseEnvInfo, ReporterRuntime } from 'allure-js-commons/sdk/reporter'

import { run } from '../../harness/process.ts'
import { forgetThisRun } from './history.ts'
import { attachmentLimit } from './limits.ts'
import { makeOffline } from './offline.ts'
import { ResultWriter } from './result-writer.ts'

export interface BuildOptions {
  /** The file that remembers earlier runs, and takes in this one; null: nothing is remembered. */
  readonly history: string | null
  /** The picture of past runs; null: there is none. */
  readonly trend: string | null
  /** The picture of what work costs as it grows, which `npm run bench` has drawn; null or left out: there is none. */
  readonly growth?: string | null
}

const projectFolder = fileURLToPath(new URL('../..', import.meta.url))
const allure = path.join(projectFolder, 'node_modules/allure/cli.js')

/** Allure reads, writes and compresses what it is given: seconds for a whole run, and this is for a slow disk. */
const buildLimitMs = 10 * 60_000

/**
 * Builds the static report of one or several runs: `index.html` in `directory`, whole in itself. It is built by Allure's
 * own command line, which is the same for whoever calls it by hand, with the configuration in allurerc.mjs.
 * @throws {CommandError} where Allure fails
 */
export async function buildAllureReport(
  resultDirectories: readonly string[],
  directory: string,
  { history, trend, growth = null }: BuildOptions,
): Promise<void> {
  // Built twice from the same results, it is still one run that is remembered.
  if (history !== null) await forgetThisRun(history, resultDirectories)
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const merged = await mkdtemp(path.join(tmpdir(), `clusterproof-report-${process.pid}-`))
  try {
    await writeEnvironment(resultDirectories, merged)
    if (trend !== null) attachPicture('trend', trend, merged)
    if (growth !== null) attachPicture('growth', growth, merged)
    // Of what is said twice, Allure believes the last.
    const results = [...resultDirectories, merged].map((each) => asPattern(path.resolve(each)))
    const options = ['--config', path.join(projectFolder, 'allurerc.mjs'), '--output', path.resolve(directory)]
    await run(process.execPath, [allure, 'generate', ...results, ...options], {
      cwd: projectFolder,
      env: history === null ? {} : { CLUSTERPROOF_REPORT_HISTORY: path.resolve(history) },
      timeoutMs: buildLimitMs,
    })
  } finally {
    await rm(merged, { recursive: true, force: true })
  }
  await makeOffline(path.join(directory, 'index.html'))
}

/** What the runs ran on: one value where it is the same for all, each of them where it is not. */
async function writeEnvironment(resultDirectories: readonly string[], into: string): Promise<void> {
  const found = new Map<string, Set<string>>()
  for (const results of resultDirectories) {
    const file = path.join(results, 'environment.properties')
    const facts = existsSync(file) ? parseEnvInfo(await readFile(file, 'utf8')) : {}
    for (const [name, value = ''] of Object.entries(facts)) {
      found.set(name, (found.get(name) ?? new Set()).add(value))
    }
  }
  const merged = Object.fromEntries([...found].map(([name, values]) => [name, [...values].join(', ')]))
  new FileSystemWriter({ resultsDir: into }).writeEnvironmentInfo(merged)
}

/** With the results of one of the runs it would be in each report that they are part of, and with those of all as often. */
export function attachPicture(name: string, file: string, into: string): void {
  if (statSync(file).size > attachmentLimit) return
  const runtime = new ReporterRuntime({ writer: new ResultWriter(into, []) })
  const data = { name, path: file, contentType: 'image/svg+xml', fileExtension: 'svg' }
  runtime.applyGlobalRuntimeMessages([{ type: 'global_attachment_path', data }])
}

/** Allure takes what it is given for a glob, in which a bracket is what escapes. */
function asPattern(directory: string): string {
  return directory.replaceAll(/[*?[\]{}()]/g, '[$&]')
}
