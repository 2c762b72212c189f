import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { z } from 'zod'

import { run as runProcess } from '../harness/process.ts'
import { recordsInCache, type Run } from '../harness/run.ts'
import { UserError } from '../harness/user-error.ts'

const recordSchema = z.object({
  id: z.string().regex(/^[a-z0-9]{8}$/),
  /** The process that answers for the run: the command line, or vitest where that was started by hand. */
  pid: z.number().int().positive(),
  /** When that process started, as the system writes it; another process with its id has another. Null: not known. */
  processStartedAt: z.string().nullable(),
  /** The directory whose `verdicts.json` the run writes; null: none. */
  writes: z.string().nullable(),
  /** The run's working files, with the credentials of its clusters. */
  workDirectory: z.string(),
})

/** What a run says of itself on this machine, so that a sweep tells the living from the dead. */
export type RunRecord = z.infer<typeof recordSchema>

const prefix = 'clusterproof-run-'

/**
 * Where records are, the same one in each: who sweeps may be another user, with a cache of their own, or have another
 * `TMPDIR`, and must know of this run nevertheless.
 */
function recordFolders(): readonly string[] {
  return [tmpdir(), recordsInCache()]
}

/** Says that this process runs the run. */
export async function recordRun(
  run: Pick<Run, 'id' | 'workDirectory'>,
  writes: string | null,
  folders = recordFolders(),
): Promise<RunRecord> {
  const { pid } = process
  const { id, workDirectory } = run
  const record = { id, pid, processStartedAt: await processStart(pid), writes, workDirectory }
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true })
    const file = recordFile(id, folder)
    const unfinished = `${file}.${pid}`
    writeFileSync(unfinished, JSON.stringify(record))
    renameSync(unfinished, file)
  }
  return record
}

/** The record goes last: as long as it is there, a sweep finds the run. */
export function forgetRun(id: string, folders = recordFolders()): void {
  for (const folder of folders) {
    rmSync(temporaryFolder(id, folder), { recursive: true, force: true })
    rmSync(recordFile(id, folder), { force: true })
  }
}

/** Where the programs of a run put what they forget or have no time to remove, such as vitest and Go. */
export function temporaryFolder(id: string, directory = tmpdir()): string {
  return path.join(directory, `${prefix}${id}`)
}

/** The records of all runs of this machine, living or dead. What cannot be read as one is none. */
export function runRecords(folders = recordFolders()): RunRecord[] {
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
    .filter((file) => path.basename(file).startsWith(prefix) && file.endsWith('.json'))
  const records = files.flatMap((file) => {
    try {
      const record = recordSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
      return record.success ? [record.data] : []
    } catch {
      return []
    }
  })
  return [...new Map(records.map((record) => [record.id, record])).values()]
}

/** Whether the record's process lives: one with its id that started when it did. */
export async function isAlive({ pid, processStartedAt }: RunRecord): Promise<boolean> {
  if (!processExists(pid)) return false
  const started = await processStart(pid)
  return started === null || processStartedAt === null || started === processStartedAt
}

/**
 * Records the run as the one that writes its output directory.
 * @throws {UserError} with exit code 2 where another living run writes there
 */
export async function claimOutput(
  run: Pick<Run, 'id' | 'workDirectory' | 'out'>,
  folders = recordFolders(),
): Promise<void> {
  // Recorded before it is asked: of two that begin at the same moment both may be refused, never both admitted.
  await recordRun(run, run.out, folders)
  for (const other of runRecords(folders)) {
    if (other.writes !== run.out || other.id === run.id || !(await isAlive(other))) continue
    forgetRun(run.id, folders)
    throw new UserError(`run ${other.id} (process ${other.pid}) writes into ${run.out} at this moment`, {
      exitCode: 2,
      hint: 'Give this run an output directory of its own with --out DIR, or wait for the other to end.',
    })
  }
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function processStart(pid: number): Promise<string | null> {
  try {
    return startIn(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return processStartFromPs(pid)
  }
}

/** Field 22 of proc_pid_stat(5); the second, the program's name, may hold spaces and brackets itself. */
export function startIn(stat: string): string | null {
  return stat.replace(/^.*\) /s, '').split(' ')[19] ?? null
}

/** For systems without /proc. */
async function processStartFromPs(pid: number): Promise<string | null> {
  try {
    const { stdout } = await runProcess('ps', ['-o', 'lstart=', '-p', String(pid)], { timeoutMs: 5_000 })
    return stdout.trim() || null
  } catch {
    return null
  }
}

function recordFile(id: string, directory: string): string {
  return path.join(directory, `${prefix}${id}.json`)
}
