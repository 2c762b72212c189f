import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { startIn } from '../reports/run-record.ts'

/** A process of this machine, as the system shows it. */
export interface HostProcess {
  readonly pid: number
  readonly parent: number
  /** When it started, as the system writes it: another process with its id has another. */
  readonly startedAt: string
  /** Its program and arguments, with blanks between them. */
  readonly command: string
  /** What it was started with. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * The processes whose environment this user may read. Those that have ended and that nobody has waited for are none:
 * nothing is left of them but an entry. Systems without /proc have none to show.
 */
export function hostProcesses(proc = '/proc'): HostProcess[] {
  return entries(proc)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(path.join(proc, name), Number(name)) ?? [])
}

/** The process itself, and who started it, up to the first one: their ids. */
export function lineage(pid: number, processes: readonly HostProcess[]): Set<number> {
  const line = new Set<number>()
  for (let next: number | undefined = pid; next !== undefined && !line.has(next);) {
    line.add(next)
    const current: number = next
    next = processes.find((each) => each.pid === current)?.parent
  }
  return line
}

function entries(proc: string): string[] {
  try {
    return readdirSync(proc)
  } catch {
    return []
  }
}

function readProcess(folder: string, pid: number): HostProcess | null {
  try {
    const [stat, cmdline, environ] = ['stat', 'cmdline', 'environ'].map((file) =>
      readFileSync(path.join(folder, file), 'utf8'),
    )
    if (stat === undefined || cmdline === undefined || environ === undefined) return null
    const [state, parent] = stat.replace(/^.*\) /s, '').split(' ')
    const startedAt = startIn(stat)
    if (state === 'Z' || startedAt === null) return null
    return {
      pid,
      parent: Number(parent),
      startedAt,
      command: words(cmdline).join(' '),
      environment: Object.fromEntries(words(environ).map((entry) => split(entry))),
    }
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return null
  }
}

function words(text: string): string[] {
  return text.split('\0').filter((word) => word !== '')
}

function split(entry: string): [string, string] {
  const at = entry.indexOf('=')
  return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
}
