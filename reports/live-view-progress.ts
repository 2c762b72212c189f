import { formatDuration } from '../harness/duration.ts'
import type { JournalRecord } from '../harness/journal.ts'
import { printable } from './columns.ts'
import type { WaitState, Work } from './live-view-work.ts'

/** What is said where nobody sees the live view: a word for the first column, and what it is about. */
export interface Progress {
  readonly word: string
  readonly text: string
}

/** Shorter ones are over before anybody wonders. */
const longWaitMs = 20_000

/** The shares of a budget at which a wait is worth a word. */
const shares = [0.5, 0.9] as const

/** Says of what takes long that it goes on: hardly more than a line for each phase of a scenario. */
export class ProgressLines {
  /** What has been said, by journal and scenario; kept until the scenario is over. */
  readonly #said = new Map<string, Set<string>>()

  /** What a record is worth. `work`: what goes on once it is known. */
  take(journal: string, record: JournalRecord, work: Work): Progress[] {
    const { source, kind } = record
    if (source === 'scenario') this.#said.delete(journal)
    if (source === 'cluster' && kind === 'ready' && work.upAfterMs !== null && work.phase === 'idle') {
      return [{ word: 'cluster up', text: `${printable(work.cluster)}  after ${formatDuration(work.upAfterMs)}` }]
    }
    const fault = work.faults.at(-1)
    if (source !== 'fault' || kind !== 'struck' || fault === undefined || work.scenario === null) return []
    // A storm strikes often: the first time tells what goes on.
    if (!this.#isNew(journal, `fault ${fault.name}`)) return []
    const text = `${fault.name} on ${fault.on}, in ${work.scenario.name}`
    return [{ word: 'fault struck', text: printable(text) }]
  }

  /** What has been waited for so long by now that it is worth a word. */
  waiting(works: ReadonlyMap<string, Work>, now: number): Progress[] {
    return [...works].flatMap(([journal, work]) => work.waits.flatMap((wait) => this.#ofWait(journal, wait, now)))
  }

  #ofWait(journal: string, { name, withinMs, since, seen }: WaitState, now: number): Progress[] {
    const took = now - since
    const reached = shares.findLast((share) => took >= share * withinMs)
    if (withinMs < longWaitMs || reached === undefined || took > withinMs) return []
    if (!this.#isNew(journal, `${reached} of ${name} since ${since}`)) return []
    const last = seen === null ? '' : `; last seen: ${shortened(printable(seen))}`
    const text = `${printable(name)}: ${formatDuration(took)} of ${formatDuration(withinMs)}${last}`
    return [{ word: 'still waiting', text }]
  }

  #isNew(journal: string, what: string): boolean {
    const said = this.#said.get(journal) ?? new Set()
    this.#said.set(journal, said)
    if (said.has(what)) return false
    said.add(what)
    return true
  }
}

const longest = 160

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}
