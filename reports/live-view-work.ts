import { z } from 'zod'

import type { JournalRecord } from '../harness/journal.ts'

/** Where the cluster of a journal stands. */
export type Phase = 'starting' | 'settling' | 'idle' | 'scenario' | 'removing' | 'removed' | 'failed'

/** A fault of the scenario that runs. */
export interface FaultState {
  readonly name: string
  /** What it is aimed at: `kind-x0i9-worker`, or an object of the API. */
  readonly on: string
  readonly state: 'injecting' | 'struck' | 'healing'
  /** Since when it is in this state, in milliseconds of the run's clock, as all times here. */
  readonly since: number
}

/** A condition that is being waited for. */
export interface WaitState {
  readonly name: string
  /** 0: it is watched that the condition never comes true. */
  readonly withinMs: number
  readonly since: number
  /** Whether the verdict rests on it; else the harness waits for it. */
  readonly expected: boolean
  /** The last observation; null: none yet. */
  readonly seen: string | null
}

/** What goes on at one cluster, as far as its journal tells. */
export interface Work {
  /** As the engine knows it, such as `kind-x0i9-mxu1`; empty: not known yet. */
  readonly cluster: string
  readonly phase: Phase
  /** Since when. */
  readonly since: number
  /** What was done last in this phase; empty: nothing worth a word. */
  readonly step: string
  /** How long it took until the cluster was healthy, in milliseconds; null: it is not yet. */
  readonly upAfterMs: number | null
  /** When the cluster was begun. */
  readonly startedAt: number
  readonly scenario: { readonly name: string; readonly since: number } | null
  readonly faults: readonly FaultState[]
  /** Those that were begun last come last. */
  readonly waits: readonly WaitState[]
}

/** A journal in which nothing stands yet. */
export function beginWork(at: number): Work {
  return {
    cluster: '',
    phase: 'starting',
    since: at,
    step: '',
    upAfterMs: null,
    startedAt: at,
    scenario: null,
    faults: [],
    waits: [],
  }
}

/** What goes on once the record is known, too. */
export function reduceWork(work: Work, record: JournalRecord): Work {
  switch (record.source) {
    case 'cluster':
      return clusterRecord(work, record)
    case 'scenario':
      return scenarioRecord(work, record)
    case 'fault':
      return faultRecord(work, record)
    case 'expectation':
    case 'probe':
      return waitRecord(work, record)
    case 'traffic':
      return trafficRecord(work, record)
    default:
      return work
  }
}

function clusterRecord(work: Work, { t, kind, subject }: JournalRecord): Work {
  const isBegun = work.phase !== 'starting' && work.phase !== 'settling'
  switch (kind) {
    case 'starting':
      return beginWork(t)
    case 'creating':
    case 'attaching': {
      const begun = work.phase === 'starting' ? work : beginWork(t)
      return { ...begun, cluster: subject, step: kind === 'creating' ? '' : 'attaching to it' }
    }
    case 'created':
    case 'joined':
      // Of a cluster that scenarios have begun on it is a machine that has joined.
      return isBegun ? { ...work, step: '' } : enter(work, 'settling', t)
    case 'ready':
    case 'attached':
      if (isBegun) return work
      return { ...enter(work, 'idle', t), upAfterMs: t - work.startedAt }
    case 'removing':
      return { ...enter(work, 'removing', t), scenario: null, faults: [], waits: [] }
    case 'removed':
      return enter(work, 'removed', t)
    case 'failed':
      return work.phase === 'removed' ? work : { ...enter(work, 'failed', t), faults: [], waits: [] }
    default:
      // On the way to a cluster each thing done says how far it is; later only what is being done is of interest.
      return isBegun && isDone(kind) ? { ...work, step: '' } : { ...work, step: stepText(kind, subject, work.cluster) }
  }
}

function scenarioRecord(work: Work, { t, kind, subject }: JournalRecord): Work {
  if (kind === 'started') {
    return { ...enter(work, 'scenario', t), scenario: { name: subject, since: t }, faults: [], waits: [] }
  }
  return kind === 'ended' ? { ...enter(work, 'idle', t), scenario: null, faults: [], waits: [] } : work
}

const faultData = z.object({ fault: z.string() })

function faultRecord(work: Work, { t, kind, subject, data }: JournalRecord): Work {
  const parsed = faultData.safeParse(data)
  if (!parsed.success) return work
  const name = parsed.data.fault
  const on = bare(subject)
  const others = work.faults.filter((fault) => fault.name !== name || fault.on !== on)
  const progressed = { ...work, step: '' }
  switch (kind) {
    case 'injecting':
    case 'struck':
    case 'healing':
      return { ...progressed, faults: [...others, { name, on, state: kind, since: t }] }
    case 'healed':
      return { ...progressed, faults: others }
    default:
      return work
  }
}

const waitData = z.object({ withinMs: z.number(), since: z.number() })

function waitRecord(work: Work, { source, kind, subject: name, data }: JournalRecord): Work {
  const others = work.waits.filter((wait) => wait.name !== name)
  switch (kind) {
    case 'waiting': {
      const parsed = waitData.safeParse(data)
      if (!parsed.success) return work
      const { withinMs, since } = parsed.data
      return { ...work, waits: [...others, { name, withinMs, since, expected: source === 'expectation', seen: null }] }
    }
    case 'observed': {
      const seen = typeof data === 'string' ? data : JSON.stringify(data ?? '')
      return { ...work, waits: work.waits.map((wait) => (wait.name === name ? { ...wait, seen } : wait)) }
    }
    case 'met':
    case 'missed':
      return { ...work, waits: others }
    default:
      return work
  }
}

function enter(work: Work, phase: Phase, t: number): Work {
  return { ...work, phase, since: t, step: '' }
}

/** Whether a kind of record says that something has been done: `chart-installed`, `left`. */
function isDone(kind: string): boolean {
  return /(?:ed|left|given)$/.test(kind)
}

function trafficRecord(work: Work, { kind, subject }: JournalRecord): Work {
  if (kind === 'pulling') return { ...work, step: `${bare(subject)} pulls an image` }
  return kind === 'pulled' ? { ...work, step: '' } : work
}

/** `chart-installing` of `release/spegel/spegel`: `chart installing spegel/spegel`. */
function stepText(kind: string, subject: string, cluster: string): string {
  const what = kind.replaceAll('-', ' ')
  return subject === cluster ? what : `${what} ${bare(subject)}`
}

/** Without the kind of thing that it is: `node/kind-worker`, `registry/upstream.test`. */
function bare(subject: string): string {
  return subject.replace(/^(?:node|registry|release|daemonset|deployment|member|etcd|networkpolicy|namespace)\//, '')
}
