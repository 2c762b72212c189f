import { existsSync, rmSync } from 'node:fs'

import { labelledObjects, labelledRuns } from '../harness/engine-objects.ts'
import { engine } from '../harness/images/engine.ts'
import { runsWithFiles, workDirectoryOf } from '../harness/run.ts'
import { isAlive, runRecords, temporaryFolder } from '../reports/run-record.ts'
import { removeOwnImages } from './bench/left-images.ts'
import { command, parse, shownPath } from './command.ts'
import { deadRuns } from './dead-runs.ts'
import { main } from './main.ts'
import { describeObjects, isWorkDirectory, removeLabelled, removeTraces } from './remove-run.ts'
import { describeProcess, endProcesses, processesOf } from './run-processes.ts'
import { removeBuilds, unfinishedBuilds, unfinishedFiles } from './unfinished-files.ts'

interface Flags {
  readonly dryRun?: boolean
}

/** `npm run sweep`: removes what dead runs have left, and nothing else. Returns the exit code. */
async function sweep(args: readonly string[]): Promise<number> {
  const flags = parse<Flags>(
    command('npm run sweep', 'Removes what runs have left that were ended before they could clean up.')
      .option('--dry-run', 'only say what would be removed')
      .option('--debug', 'show where errors come from'),
    args,
  )
  if (flags === null) return 0
  await engine()
  // In this order: a run makes its record before it makes anything in the engine.
  const left = [...(await labelledRuns()), ...runsWithFiles()]
  const records = runRecords()
  const alive = new Set<string>()
  for (const record of records) if (await isAlive(record)) alive.add(record.id)

  let found = 0
  for (const { id, record } of deadRuns(left, records, alive)) {
    const processes = processesOf(id).map(describeProcess)
    const objects = describeObjects(await labelledObjects(id))
    // Records are gone where the machine was switched off, and these files are not.
    const directory = record?.workDirectory ?? workDirectoryOf(id)
    const files = [...(isWorkDirectory(directory, id) ? [directory] : []), temporaryFolder(id)].filter((file) =>
      existsSync(file),
    )
    for (const name of [...processes, ...objects, ...files.map((file) => `directory ${shownPath(file)}`)]) {
      console.log(`${flags.dryRun === true ? 'would remove' : 'removing'} ${name} (run ${id})`)
      found += 1
    }
    if (flags.dryRun === true) continue
    // First: what still runs may make more of the rest.
    await endProcesses(id)
    await removeLabelled(id)
    await removeOwnImages({ id })
    removeTraces({ id, workDirectory: directory })
  }
  const [files, builds] = [unfinishedFiles(), await unfinishedBuilds()]
  for (const file of [...files, ...builds]) {
    console.log(`${flags.dryRun === true ? 'would remove' : 'removing'} ${shownPath(file)} (nobody finishes it)`)
    found += 1
  }
  if (flags.dryRun !== true) {
    for (const file of files) rmSync(file, { recursive: true, force: true })
    await removeBuilds(builds)
  }
  if (found === 0) console.log('nothing to sweep')
  return 0
}

await main(sweep)
