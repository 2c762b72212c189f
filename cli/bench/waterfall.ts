import type { JournalRecord } from '../../harness/journal.ts'
import { saysReady } from './answering.ts'
import { median } from './figures.ts'

/** A point that a cluster's start has reached. */
export interface Milestone {
  readonly name: string
  /** Milliseconds since the provider began to create the cluster. */
  readonly afterMs: number
}

/**
 * What the journal says of a cluster's start, from `creating`, which is left out, to `ready` or, where that is later,
 * `answering`: what its provider noted, and when each Node was seen to become Ready.
 */
export function milestones(records: readonly JournalRecord[], cluster: string): Milestone[] {
  const noted = (wanted: string) =>
    records.findIndex(({ source, kind, subject }) => source === 'cluster' && kind === wanted && subject === cluster)
  const from = noted('creating')
  const to = Math.max(noted('ready'), noted('answering'))
  const begin = records[from]
  if (begin === undefined || noted('ready') < from)
    throw new RangeError(`the journal does not say how ${cluster} came to be Ready`)
  const start = records.slice(from + 1, to + 1)
  const becameReady = firstReady(start)
  return start
    .filter((record) => record.source === 'cluster' || becameReady.has(record))
    .map((record) => ({ name: milestoneName(record, cluster), afterMs: record.t - begin.t }))
}

/** The records by which Nodes that were seen before became Ready. One that was Ready at first sight has none. */
function firstReady(records: readonly JournalRecord[]): Set<JournalRecord> {
  const found = new Set<JournalRecord>()
  const wasReady = new Map<string, boolean>()
  for (const record of records) {
    if (record.source !== 'api-watch' || !record.subject.startsWith('node/')) continue
    const before = wasReady.get(record.subject)
    const ready = saysReady(record.data)
    if (before === false && ready) found.add(record)
    if (before !== true) wasReady.set(record.subject, ready)
  }
  return found
}

function milestoneName({ source, kind, subject }: JournalRecord, cluster: string): string {
  if (subject === cluster) return kind
  const machine = subject.replace(/^node\//, '').replace(`${cluster}-`, '')
  return `${machine} ${source === 'api-watch' ? 'Ready' : kind}`
}

/** What ailed the cluster when it was last looked at before it was Ready; empty: it was Ready at the first look. */
export function waitedLastFor(records: readonly JournalRecord[], cluster: string): string {
  const looks = records.filter(
    ({ source, kind, subject }) => source === 'probe' && kind === 'observed' && subject === `${cluster} is healthy`,
  )
  const ailments = looks.map(({ data }) => data).filter((data) => typeof data === 'string' && data !== 'healthy')
  return String(ailments.at(-1) ?? '').replaceAll(`${cluster}-`, '')
}

/** The median of each milestone over several starts of the same cluster, in the order of these medians. */
export function medianMilestones(starts: readonly (readonly Milestone[])[]): Milestone[] {
  const reached = Map.groupBy(starts.flat(), ({ name }) => name)
  return [...reached]
    .map(([name, times]) => ({ name, afterMs: median(times.map(({ afterMs }) => afterMs)) }))
    .toSorted((left, right) => left.afterMs - right.afterMs)
}

export interface Bar {
  /** Columns to the left of it. */
  readonly offset: number
  /** Its columns, which may be none. */
  readonly length: number
}

/** A bar for each milestone, from the one before it to itself, where `wholeMs` is `width` columns. */
export function bars(reached: readonly Milestone[], wholeMs: number, width: number): Bar[] {
  const column = (ms: number) => (wholeMs === 0 ? 0 : Math.round((ms / wholeMs) * width))
  return reached.map(({ afterMs }, index) => {
    const offset = column(reached[index - 1]?.afterMs ?? 0)
    return { offset, length: column(afterMs) - offset }
  })
}

/** One cluster's start. */
export interface Waterfall {
  readonly title: string
  /** In the order in which they were reached. */
  readonly reached: readonly Milestone[]
  readonly waitedLastFor: string
}

const barColumns = 50
const noteColumns = 100

/** Where the time went, a cluster below the other, all to one scale: each milestone, and how long after the last. */
export function waterfalls(all: readonly Waterfall[]): string {
  const milestonesOfAll = all.flatMap(({ reached }) => reached)
  const wholeMs = Math.max(0, ...milestonesOfAll.map(({ afterMs }) => afterMs))
  const nameColumns = Math.max(0, ...milestonesOfAll.map(({ name }) => name.length))
  return all
    .map(({ title, reached, waitedLastFor: note }) => {
      const drawn = bars(reached, wholeMs, barColumns)
      const lines = reached.map(({ name, afterMs }, index) => {
        const { offset, length } = drawn[index] ?? { offset: 0, length: 0 }
        const sincePrevious = afterMs - (reached[index - 1]?.afterMs ?? 0)
        const bar = ' '.repeat(offset) + ('█'.repeat(length) || '▏')
        return `  ${name.padEnd(nameColumns)} ${seconds(afterMs)} s  +${seconds(sincePrevious)}  ${bar}`
      })
      return [title, ...lines, ...(note === '' ? [] : [`  waited last for: ${shortened(note)}`])].join('\n')
    })
    .join('\n\n')
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1).padStart(5)
}

function shortened(text: string): string {
  return text.length > noteColumns ? `${text.slice(0, noteColumns - 1)}…` : text
}
