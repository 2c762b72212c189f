import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'
import type { ScenarioEnd, ScenarioFold, ScenarioStart, StartFold } from '../scenario-fold.ts'
import { clusterNameOf } from './cluster-name.ts'
import { FaultWindows, type FaultWindow } from './fault-windows.ts'
import { Thinned } from './thinned.ts'
import { WriteWatch, type Span, type WriteFacts } from './writes.ts'

/** A member of etcd over time. All times here: milliseconds since the run's start. */
export interface MemberLane {
  /** Hexadecimal, as etcdctl prints it. */
  readonly id: string
  /** Every name that it was seen with, oldest first; empty: it never had one. */
  readonly names: readonly string[]
  /** The machine that it ran on; null: nobody knew. */
  readonly machine: string | null
  /** When it was a member, and as what. */
  readonly spans: readonly (Span & { readonly role: 'voter' | 'learner' })[]
}

/** Who led, as a member said that was asked about every two seconds. */
export interface LeaderSpan extends Span {
  /** Member id; null: there was no leader. */
  readonly id: string | null
  readonly term: number
}

export interface EtcdFacts {
  readonly startedAt: number
  readonly endedAt: number
  /** The cluster's name, which its machines' names begin with; null: not told. */
  readonly cluster: string | null
  readonly members: readonly MemberLane[]
  readonly leaders: readonly LeaderSpan[]
  /** Raft index of the member that was asked. Empty: an older journal, which does not tell. */
  readonly index: readonly { readonly t: number; readonly raftIndex: number }[]
  readonly writes: WriteFacts
  /** When no member began not to answer; how long for is told by none. */
  readonly unanswered: readonly number[]
  readonly faults: readonly FaultWindow[]
  /** Something of etcd changed within the scenario, or somebody wrote all the while. */
  readonly eventful: boolean
}

const [mostMembers, mostSpans, mostLeaders, mostPoints] = [40, 40, 300, 400]

const memberSchema = z.object({
  name: z.string().catch(''),
  learner: z.boolean().catch(false),
  node: z.string().nullable().catch(null),
})
const addedSchema = z.object({ learner: z.boolean(), machine: z.string().nullable().catch(null) })
const leaderSchema = z.object({ id: z.string().nullable(), term: z.number() })
const indexSchema = z.object({ raftIndex: z.number(), term: z.number(), leader: z.string().nullable() })

/** Folds what the picture of etcd shows: its members, who led them, how far they got, and who noticed. */
export const foldEtcd: StartFold<EtcdFacts> = (start) => new EtcdFold(start)

class Lane {
  readonly id: string
  readonly names: string[] = []
  machine: string | null = null
  readonly spans: { from: number; to: number | null; role: 'voter' | 'learner' }[] = []

  constructor(id: string) {
    this.id = id
  }

  is(t: number, role: 'voter' | 'learner'): void {
    const open = this.spans.at(-1)
    if (open?.to === null) {
      if (open.role === role) return
      open.to = t
    }
    if (this.spans.length < mostSpans) this.spans.push({ from: t, to: null, role })
  }

  gone(t: number): void {
    const open = this.spans.at(-1)
    if (open !== undefined) open.to ??= t
  }
}

class EtcdFold implements ScenarioFold<EtcdFacts> {
  readonly #startedAt: number
  readonly #lanes = new Map<string, Lane>()
  readonly #leaders: { from: number; id: string | null; term: number }[] = []
  readonly #index = new Thinned<{ readonly t: number; readonly raftIndex: number }>(mostPoints)
  readonly #writes = new WriteWatch()
  readonly #unanswered = new Thinned<number>(mostSpans)
  readonly #faults = new FaultWindows()
  #cluster: string | null = null
  #eventful = false

  constructor({ startedAt }: ScenarioStart) {
    this.#startedAt = startedAt
  }

  take(record: JournalRecord): void {
    this.#cluster ??= clusterNameOf(record)
    if (record.source === 'etcd') this.#etcd(record)
    else if (record.t >= this.#startedAt) {
      this.#added(record)
      this.#writes.take(record)
      this.#faults.take(record)
    }
  }

  #etcd({ t, kind, subject, data }: JournalRecord): void {
    const id = subject.replace(/^member\//, '')
    const changed = kind === 'member' || kind === 'removed' || kind === 'leader' || kind === 'interrupted'
    if (changed && t >= this.#startedAt) this.#eventful = true
    if (kind === 'interrupted' && t >= this.#startedAt) this.#unanswered.add(t)
    if (kind === 'member') this.#member(t, id, data)
    else if (kind === 'removed') this.#lanes.get(id)?.gone(t)
    else if (kind === 'leader') {
      const leader = leaderSchema.safeParse(data).data
      if (leader !== undefined) this.#leader(t, leader.id, leader.term)
    } else if (kind === 'index') {
      const index = indexSchema.safeParse(data).data
      if (index === undefined) return
      this.#index.add({ t, raftIndex: index.raftIndex })
      this.#leader(t, index.leader, index.term)
    }
  }

  /** Who adds a member knows of it at once: it may be a learner for less time than there is between two questions. */
  #added({ t, source, kind, subject, data }: JournalRecord): void {
    if (source !== 'cluster' || kind !== 'added' || !subject.startsWith('member/')) return
    const { learner, machine } = addedSchema.safeParse(data).data ?? { learner: true, machine: null }
    this.#eventful = true
    this.#member(t, subject.replace(/^member\//, ''), { name: '', learner, node: machine })
  }

  #member(t: number, id: string, data: unknown): void {
    const facts = memberSchema.safeParse(data).data
    if (facts === undefined) return
    if (!this.#lanes.has(id) && this.#lanes.size >= mostMembers) return
    const lane = this.#lanes.get(id) ?? new Lane(id)
    this.#lanes.set(id, lane)
    if (facts.name !== '' && !lane.names.includes(facts.name) && lane.names.length < 5) lane.names.push(facts.name)
    lane.machine = facts.node ?? lane.machine
    lane.is(t, facts.learner ? 'learner' : 'voter')
  }

  /** A member that is cut off may still speak of an earlier term; the term of no leader at all grows all the while. */
  #leader(t: number, id: string | null, term: number): void {
    const last = this.#leaders.at(-1)
    if (last !== undefined && (term < last.term || (last.id === id && (id === null || last.term === term)))) return
    if (this.#leaders.length < mostLeaders) this.#leaders.push({ from: t, id, term })
  }

  end({ endedAt }: ScenarioEnd): EtcdFacts {
    const clipped = <T extends Span>(spans: readonly T[]) => within(spans, this.#startedAt, endedAt)
    const members = [...this.#lanes.values()].map(({ id, names, machine, spans }) => ({
      id,
      names,
      machine,
      spans: clipped(spans.map(({ from, to, role }) => ({ from, to: to ?? endedAt, role }))),
    }))
    const leaders = this.#leaders.map(({ from, id, term }, index) => ({
      from,
      to: this.#leaders[index + 1]?.from ?? endedAt,
      id,
      term,
    }))
    return {
      startedAt: this.#startedAt,
      endedAt,
      cluster: this.#cluster,
      members: members.filter(({ spans }) => spans.length > 0),
      leaders: clipped(leaders),
      index: this.#index.all().filter(({ t }) => t >= this.#startedAt),
      writes: this.#writes.end(),
      unanswered: this.#unanswered.all(),
      faults: this.#faults.all(),
      eventful: this.#eventful || this.#writes.seen,
    }
  }
}

/** What lies between these times of each span; one that lies outside is left out. */
function within<T extends Span>(spans: readonly T[], startedAt: number, endedAt: number): T[] {
  return spans
    .map((span) => Object.assign({}, span, { from: Math.max(span.from, startedAt), to: Math.min(span.to, endedAt) }))
    .filter(({ from, to }) => to > from)
}
