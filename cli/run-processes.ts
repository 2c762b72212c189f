import { setTimeout as delay } from 'node:timers/promises'

import { runIdIn } from '../harness/run.ts'
import { UserError } from '../harness/user-error.ts'
import { type HostProcess, hostProcesses, lineage } from './host-processes.ts'

/**
 * What a run has started and what lives on without it, such as a `kind create` that goes on making nodes. A process of
 * this command's own line is none: where a sweep is called from a run, that run must not be ended by it.
 */
export function processesOf(id: string, processes = hostProcesses()): HostProcess[] {
  const own = lineage(process.pid, processes)
  return processes.filter(({ pid, environment }) => !own.has(pid) && runIdIn(environment) === id)
}

export function describeProcess({ pid, command }: HostProcess): string {
  const limit = 100
  return `process ${pid}: ${command.length <= limit ? command : `${command.slice(0, limit)}…`}`
}

/** What the system is asked, replaced in tests. */
export interface Ender {
  readonly list: (id: string) => readonly HostProcess[]
  readonly signal: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void
  readonly pause: () => Promise<void>
}

/** From SIGTERM to SIGKILL: a build of an image removes what it has half done in that time. Milliseconds. */
const graceMs = 5_000

/** What SIGKILL does not end by then waits for a device, and nobody can end it. Milliseconds. */
const limitMs = 10_000

const lookMs = 100

const systemEnder: Ender = {
  list: (id) => processesOf(id),
  signal(pid, signal) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  },
  pause: () => delay(lookMs),
}

/**
 * Ends what a dead run has started, and what that starts meanwhile. Each is asked once to end in order.
 * @throws {UserError} where something does not end
 */
export async function endProcesses(id: string, { list, signal, pause }: Ender = systemEnder): Promise<void> {
  const asked = new Set<string>()
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    const left = list(id)
    if (left.length === 0) return
    if (waitedMs > limitMs) {
      throw new UserError(`what run ${id} has started does not end: ${left.map(describeProcess).join(', ')}`, {
        hint: 'Try `npm run sweep` again later; a process that not even SIGKILL ends waits for a device.',
      })
    }
    for (const { pid, startedAt } of left) {
      const key = `${pid} ${startedAt}`
      if (waitedMs >= graceMs) signal(pid, 'SIGKILL')
      else if (!asked.has(key)) signal(pid, 'SIGTERM')
      asked.add(key)
    }
    await pause()
  }
}
