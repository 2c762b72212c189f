import type { JournalRecord } from '../../harness/journal.ts'
import type { Outcome } from '../../harness/verdict.ts'
import type { ScenarioEnd, ScenarioFold, ScenarioStart, StartFold } from '../scenario-fold.ts'
import { type ExpectationBar, Expectations } from './timeline-expectations.ts'
import { type HolderLane, HolderLanes } from './timeline-holders.ts'
import { type NodeLane, NodeLanes } from './timeline-nodes.ts'
import { type PodLaneFacts, PodLanes } from './timeline-pods.ts'
import { type TroubleLane, Troubles } from './timeline-troubles.ts'
import { type Window, Windows } from './timeline-windows.ts'

/** What happened in a scenario, side by side. All times are milliseconds since it began, none later than its end. */
export interface TimelineFacts {
  readonly scenario: string
  readonly durationMs: number
  /** Null: the run was killed before there was a verdict. */
  readonly outcome: Outcome | null
  /** Why, in a line: the diagnosis, or the reason where nothing could be concluded; empty where it conforms. */
  readonly because: string
  /** What all names of nodes begin with, such as `kind-a1b2-c3d4-`; a picture leaves it out. */
  readonly prefix: string
  readonly windows: readonly Window[]
  readonly nodes: readonly NodeLane[]
  readonly pods: readonly PodLaneFacts[]
  readonly holders: readonly HolderLane[]
  readonly troubles: readonly TroubleLane[]
  readonly expectations: readonly ExpectationBar[]
  /** What there was too much of to keep, in words. */
  readonly leftOut: readonly string[]
}

/** Folds a scenario's records into what its timeline shows. */
export const foldTimeline: StartFold<TimelineFacts> = (start) => new TimelineFold(start)

/** Pods that a picture could show; the rest is counted. */
const mostPods = 60

class TimelineFold implements ScenarioFold<TimelineFacts> {
  readonly #start: ScenarioStart
  readonly #windows: Windows
  readonly #nodes: NodeLanes
  readonly #pods: PodLanes
  readonly #holders: HolderLanes
  readonly #troubles: Troubles
  readonly #expectations: Expectations

  constructor(start: ScenarioStart) {
    this.#start = start
    this.#windows = new Windows(start.startedAt)
    this.#nodes = new NodeLanes(start.startedAt)
    this.#pods = new PodLanes(start.startedAt)
    this.#holders = new HolderLanes(start.startedAt)
    this.#troubles = new Troubles(start.startedAt)
    this.#expectations = new Expectations(start.startedAt)
  }

  take(record: JournalRecord): void {
    this.#windows.take(record)
    this.#nodes.take(record)
    this.#pods.take(record)
    this.#holders.take(record)
    this.#troubles.take(record)
    this.#expectations.take(record)
  }

  end({ endedAt, verdict }: ScenarioEnd): TimelineFacts {
    const windows = this.#windows.end(endedAt)
    const nodes = this.#nodes.end(endedAt)
    const pods = this.#pods.end(endedAt)
    const expectations = this.#expectations.end(endedAt, verdict?.expectations ?? [])
    const podsLeftOut = pods.leftOut + Math.max(0, pods.lanes.length - mostPods)
    const leftOut = [
      counted(windows.leftOut, 'fault or action', 'faults and actions'),
      counted(nodes.leftOut, 'node', 'nodes'),
      counted(podsLeftOut, 'pod', 'pods'),
      counted(expectations.leftOut, 'expectation', 'expectations'),
    ]
    return {
      scenario: this.#start.name,
      durationMs: Math.max(0, endedAt - this.#start.startedAt),
      outcome: verdict?.outcome ?? null,
      because: because(verdict),
      prefix: commonPrefix(nodes.lanes.map(({ name }) => name)),
      windows: windows.windows,
      nodes: nodes.lanes,
      pods: pods.lanes.slice(0, mostPods),
      holders: this.#holders.end(endedAt),
      troubles: this.#troubles.end(endedAt),
      expectations: expectations.bars,
      leftOut: leftOut.filter((text) => text !== ''),
    }
  }
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
}

function because(verdict: ScenarioEnd['verdict']): string {
  if (verdict === null) return 'the run ended before there was a verdict'
  if (verdict.diagnosis !== null) return `${verdict.diagnosis.code}: ${verdict.diagnosis.summary}`
  return verdict.reason.split('\n')[0] ?? ''
}

/**
 * What all names begin with, up to a hyphen, so that a name is left of each. Of a single node it is what the harness
 * puts before its name: the cluster with its marks `name-a1b2-c3d4-`.
 */
export function commonPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names
  if (others.length === 0) return /^.+-[a-z\d]{4}-[a-z\d]{4}-(?=.)/.exec(first)?.[0] ?? ''
  let length = 0
  while (length < first.length && others.every((name) => name[length] === first[length])) length += 1
  let prefix = first.slice(0, first.slice(0, length).lastIndexOf('-') + 1)
  // A number alone is no name: `worker-1` and `worker-2` stay what they are.
  while (prefix !== '' && !names.every((name) => /[a-z]/i.test(name.slice(prefix.length)))) {
    prefix = prefix.slice(0, prefix.slice(0, -1).lastIndexOf('-') + 1)
  }
  return prefix
}
