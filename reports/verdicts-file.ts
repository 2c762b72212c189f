import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import type { Run } from '../harness/run.ts'
import { type Shard, type Verdict, type Verdicts, verdictsSchema } from '../harness/verdict.ts'

type Owner = Pick<Run, 'id' | 'origin' | 'out'>

export function verdictsPath(out: string): string {
  return path.join(out, 'verdicts.json')
}

/** What stands in the file, or null where there is none that is whole and of this schema. */
export function readVerdicts(out: string): Verdicts | null {
  try {
    const result = verdictsSchema.safeParse(JSON.parse(readFileSync(verdictsPath(out), 'utf8')))
    return result.success ? result.data : null
  } catch {
    return null
  }
}

/** Writes a file without verdicts: the run has begun, with all scenarios or with those of a shard. */
export function beginVerdicts(run: Owner, shard: Shard | null = null): void {
  const document = empty(run)
  writeVerdicts(run.out, shard === null ? document : { ...document, run: { ...document.run, shard } })
}

/** Adds a verdict at once, so that a run that is killed later has left it. Returns it as it stands there. */
export function addVerdict(run: Owner, verdict: Verdict): Verdict {
  const document = ofRun(run)
  // JSON has no word for what could not be measured.
  const measurements = verdict.measurements.filter(({ value }) => Number.isFinite(value))
  const added = { ...verdict, measurements }
  writeVerdicts(run.out, { ...document, verdicts: [...document.verdicts, added] })
  return added
}

type TimedFiles = NonNullable<Verdicts['run']['files']>

/**
 * Says that the run came to its end, and returns all that it found. A run that was ended has no such moment.
 * @param files how long each suite took, where somebody took the time
 */
export function finishVerdicts(run: Owner, at = new Date(), files: TimedFiles = []): Verdicts {
  const document = ofRun(run)
  const times = files.length === 0 ? {} : { files }
  const finished = { ...document, run: { ...document.run, finishedAt: at.toISOString(), ...times } }
  writeVerdicts(run.out, finished)
  return finished
}

/** The run's own document; what another run left is none. */
export function ofRun(run: Owner): Verdicts {
  const found = readVerdicts(run.out)
  return found?.run.id === run.id ? found : empty(run)
}

function empty({ id, origin }: Owner): Verdicts {
  const host = { platform: `${os.platform()} ${os.arch()}`, cpus: os.cpus().length, memoryBytes: os.totalmem() }
  return { schema: 1, run: { id, startedAt: origin.startedAt, finishedAt: null, host }, verdicts: [] }
}

/** A reader never sees half a file: it is written beside its place and then put there. */
export function writeVerdicts(out: string, document: Verdicts): void {
  mkdirSync(out, { recursive: true })
  const file = verdictsPath(out)
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${JSON.stringify(verdictsSchema.parse(document), null, 2)}\n`)
  renameSync(fresh, file)
}
