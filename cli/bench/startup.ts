import { messageOf } from '../../harness/error-message.ts'
import { run as execute } from '../../harness/process.ts'
import type { Run } from '../../harness/run.ts'
import { UserError } from '../../harness/user-error.ts'
import { Arena } from './arena.ts'
import { type Contender, contenders, roundOrder } from './contenders.ts'
import { Unavailable } from './floor.ts'
import type { Report } from './report.ts'
import { type Start, startOnce } from './start.ts'
import { type Measured, memoryTable, ratioFigures, ratioTable, startupTable } from './startup-tables.ts'
import { medianMilestones, waterfalls } from './waterfall.ts'

/** What became of a contender in a round. */
type Outcome =
  | { readonly kind: 'started'; readonly start: Start; readonly neighbours: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string }

export interface StartupOptions {
  readonly repeat: number
  /** Names of the contenders to start; null: all. */
  readonly only: readonly string[] | null
}

/**
 * Starts every contender once a round, one at a time, and compares what each took with others of its round. One that
 * fails is said to have failed, and the others go on.
 */
export async function compareStartup(run: Run, { repeat, only }: StartupOptions): Promise<Report> {
  const chosen = choose(only)
  const outcomes = new Map<Contender, Outcome[]>(chosen.map((contender) => [contender, []]))
  await using arena = new Arena(run)
  for (let round = 1; round <= repeat; round += 1) {
    for (const contender of roundOrder(chosen, round)) {
      const own = outcomes.get(contender) ?? []
      const before = own.at(-1)
      const outcome = before?.kind === 'unavailable' ? before : await attempt(arena, contender, round)
      own.push(outcome)
      console.log(`round ${round} of ${repeat}: ${contender.name} ${inWords(outcome)}`)
    }
  }
  return report(outcomes, arena.notes)
}

/** @throws {UserError} with exit code 2 where there is no contender of such a name */
export function choose(only: readonly string[] | null): readonly Contender[] {
  if (only === null) return contenders
  const unknown = only.find((name) => !contenders.some((contender) => contender.name === name))
  if (unknown !== undefined) {
    const names = contenders.map(({ name }) => name).join(', ')
    throw new UserError(`--only: nothing named ${unknown} is started`, { exitCode: 2, hint: `There are: ${names}.` })
  }
  return contenders.filter(({ name }) => only.includes(name))
}

async function attempt(arena: Arena, contender: Contender, round: number): Promise<Outcome> {
  const neighbours = await runningContainers()
  try {
    return { kind: 'started', start: await startOnce(arena, contender, round), neighbours }
  } catch (error) {
    const reason = messageOf(error)
    return { kind: error instanceof Unavailable ? 'unavailable' : 'failed', reason }
  }
}

async function runningContainers(): Promise<number> {
  const { stdout } = await execute('docker', ['ps', '--quiet'])
  return stdout.split('\n').filter((id) => id !== '').length
}

function inWords(outcome: Outcome): string {
  if (outcome.kind === 'unavailable') return `is left out: ${outcome.reason}`
  if (outcome.kind === 'failed') return `failed: ${outcome.reason}`
  const { start, neighbours } = outcome
  const beside = neighbours === 0 ? '' : `, beside ${neighbours} other container${neighbours === 1 ? '' : 's'}`
  return `ready after ${(start.readyAfterMs / 1_000).toFixed(1)} s${beside}`
}

/** @throws {Error} where not all were made of one image: then there is nothing to compare */
function report(outcomes: ReadonlyMap<Contender, readonly Outcome[]>, notes: readonly string[]): Report {
  const all = [...outcomes.values()].flat()
  const started = all.flatMap((outcome) => (outcome.kind === 'started' ? [outcome] : []))
  const images = new Set(started.map(({ start }) => start.image))
  if (images.size > 1) throw new Error(`clusters of different node images were started: ${[...images].join(', ')}`)
  const measured = [...outcomes].map(([contender, own]) => summary(contender, own))
  const falls = [...outcomes].flatMap(([{ name, machines }, own]) => {
    const starts = startsOf(own)
    if (starts.length === 0) return []
    const waitedLastFor = starts.at(-1)?.waitedLastFor ?? ''
    return {
      title: `${name}, ${machines}`,
      reached: medianMilestones(starts.map(({ reached }) => reached)),
      waitedLastFor,
    }
  })
  const failed = all.filter(({ kind }) => kind === 'failed').length
  const disturbed = started.filter(({ neighbours }) => neighbours > 0).length
  const text = [
    [
      `node image ${[...images].join('')}; from the first thing that is made to every node Ready and CoreDNS answering`,
      'through its Service; of the floor, to /readyz. kind is not told to wait: the same is waited for after it, by all.',
      ...notes,
      ...unavailable(outcomes),
      ...(failed === 0 ? [] : [`${failed} of ${all.length} starts failed`]),
      ...(disturbed === 0
        ? []
        : [`${disturbed} of ${started.length} starts had other containers beside them: do not rely on these`]),
    ].join('\n'),
    startupTable(measured),
    ratioTable(measured),
    memoryTable(measured),
    waterfalls(falls),
  ].join('\n\n')
  const failures = { name: 'starts that failed', goal: 0, measured: failed, unit: '', detail: '' }
  return { figures: [...ratioFigures(measured), failures], text }
}

function startsOf(outcomes: readonly Outcome[]): Start[] {
  return outcomes.flatMap((outcome) => (outcome.kind === 'started' ? [outcome.start] : []))
}

function unavailable(outcomes: ReadonlyMap<Contender, readonly Outcome[]>): string[] {
  return [...outcomes].flatMap(([{ name }, own]) => {
    const last = own.at(-1)
    return last?.kind === 'unavailable' ? [`${name} is left out: ${last.reason}`] : []
  })
}

function summary({ name, machines, comparisons }: Contender, outcomes: readonly Outcome[]): Measured {
  const ofEach = (what: (start: Start) => number | null) =>
    outcomes.map((outcome) => (outcome.kind === 'started' ? what(outcome.start) : null))
  return {
    name,
    machines,
    comparisons,
    readyAfterMs: ofEach(({ readyAfterMs }) => readyAfterMs),
    healthyAfterMs: ofEach(({ healthyAfterMs }) => healthyAfterMs),
    memory: startsOf(outcomes).flatMap(({ memory }) => memory),
  }
}
