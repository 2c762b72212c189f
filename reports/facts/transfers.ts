import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'
import type { Measurement } from '../../harness/verdict.ts'
import type { ScenarioEnd, ScenarioFold, ScenarioStart, StartFold } from '../scenario-fold.ts'
import { clusterNameOf } from './cluster-name.ts'
import { FaultWindows } from './fault-windows.ts'

/** One image that a machine pulled. Times: milliseconds since the run's start. */
export interface PullFacts {
  readonly node: string
  /** `clusterproof/large-6` */
  readonly repository: string
  readonly askedAt: number
  /** When it was known what came of it; null: the run ended before. */
  readonly endedAt: number | null
  /** False: it was given up; null: not told. */
  readonly ok: boolean | null
  /** By what the upstream counted; which neighbour a mirror took it from nobody tells. Null: nothing was pulled. */
  readonly source: 'mirror' | 'upstream' | 'mixed' | null
  /** Bytes of the image, and of them those that the upstream sent for this pull; null: not told. */
  readonly bytes: number | null
  readonly upstreamBytes: number | null
  /** Milliseconds of the attempt that went well, unpacking included; null: none did, or it is not told. */
  readonly tookMs: number | null
  readonly attempts: number
  /** The upstream was black-holed for the machine meanwhile. */
  readonly cutOff: boolean
}

/** One layer fetched over HTTP, without a container runtime. */
export interface SpeedFacts {
  readonly source: string
  readonly megabytesPerSecond: number
  readonly firstByteMs: number | null
}

export interface TransferFacts {
  readonly startedAt: number
  readonly endedAt: number
  /** The cluster's name, which its machines' names begin with; null: not told. */
  readonly cluster: string | null
  readonly pulls: readonly PullFacts[]
  readonly speeds: readonly SpeedFacts[]
  /** What all machines asked of the upstream for one image: bytes with the mirror, and without it. */
  readonly asked: readonly { readonly how: string; readonly bytes: number }[]
  /** What registries said at their end of how often they were asked, and what they sent. */
  readonly registries: readonly { readonly host: string; readonly requests: number; readonly bytes: number }[]
  /** Pulls that are not among `pulls`, because there were too many. */
  readonly omitted: number
}

const [mostPulls, mostImages, mostFigures] = [200, 500, 20]

const pullingSchema = z.object({ repository: z.string() })
const pulledSchema = z.object({
  repository: z.string(),
  attempts: z.number().catch(1),
  source: z.enum(['mirror', 'upstream', 'mixed']).nullable().catch(null),
  upstreamBytes: z.number().nullable().catch(null),
  ok: z.boolean().nullable().catch(null),
  bytes: z.number().nullable().catch(null),
  tookMs: z.number().nullable().catch(null),
})
const pushedSchema = z.object({ repository: z.string(), bytes: z.number() })
const summarySchema = z.object({ requests: z.number(), bytes: z.number() })

type Pull = { -readonly [key in keyof PullFacts]: PullFacts[key] }

/** Folds what the picture of a mirror shows: which machine pulled what, where from, how fast, and what that saved. */
export const foldTransfers: StartFold<TransferFacts> = (start) => new TransferFold(start)

class TransferFold implements ScenarioFold<TransferFacts> {
  readonly #startedAt: number
  readonly #pulls: Pull[] = []
  readonly #bytes = new Map<string, number>()
  readonly #registries: { host: string; requests: number; bytes: number }[] = []
  readonly #faults = new FaultWindows()
  #cluster: string | null = null
  #omitted = 0

  constructor({ startedAt }: ScenarioStart) {
    this.#startedAt = startedAt
  }

  take(record: JournalRecord): void {
    const { t, source, kind, subject, data } = record
    this.#cluster ??= clusterNameOf(record)
    if (source === 'cluster' && kind === 'pushed') {
      const pushed = pushedSchema.safeParse(data).data
      if (pushed !== undefined && this.#bytes.size < mostImages) this.#bytes.set(pushed.repository, pushed.bytes)
    } else if (t < this.#startedAt) return
    else if (source === 'fault') this.#faults.take(record)
    else if (source === 'expectation' && (kind === 'met' || kind === 'missed')) this.#judged(subject, kind === 'met')
    else if (source === 'traffic') this.#traffic(record)
  }

  #traffic({ t, kind, subject, data }: JournalRecord): void {
    if (kind === 'pulling') {
      const pulling = pullingSchema.safeParse(data).data
      if (pulling === undefined) return
      if (this.#pulls.length >= mostPulls) this.#omitted += 1
      else this.#pulls.push(begun(subject.replace(/^node\//, ''), pulling.repository, t))
    } else if (kind === 'pulled') {
      const pulled = pulledSchema.safeParse(data).data
      const pull = this.#open(subject.replace(/^node\//, ''), pulled?.repository)
      if (pulled === undefined || pull === undefined) return
      // What went well is known before where it came from.
      Object.assign(pull, { ...pulled, ok: pulled.ok ?? pull.ok, endedAt: t })
      // Of an image that was not pulled the upstream's count says nothing.
      if (pull.ok === false) pull.source = null
    } else if (kind === 'registry-summary') {
      const summary = summarySchema.safeParse(data).data
      if (summary === undefined || this.#registries.length >= mostFigures) return
      this.#registries.push({ host: subject.replace(/^registry\//, ''), ...summary })
    }
  }

  #open(node: string, repository: string | undefined): Pull | undefined {
    return this.#pulls.findLast((pull) => pull.node === node && pull.repository === repository && pull.endedAt === null)
  }

  /** `worker-1 pulls clusterproof/large-6` */
  #judged(expectation: string, met: boolean): void {
    const [node = '', repository] = expectation.split(' pulls ')
    const pull = this.#open(node, repository)
    if (pull !== undefined) pull.ok = met
  }

  end({ endedAt, verdict }: ScenarioEnd): TransferFacts {
    const faults = this.#faults.all().filter(({ name }) => name === 'registry-blackhole')
    const measurements = verdict?.measurements ?? []
    const took = new Map<string, number[]>()
    for (const { name, value } of measurements) {
      const what = /^pull of (.+)$/.exec(name)?.[1]
      if (what !== undefined) took.set(what, [...(took.get(what) ?? []), value])
    }
    const pulls = this.#pulls.map((pull): PullFacts => {
      const measured = pull.ok === false ? undefined : took.get(`${pull.repository} by ${pull.node}`)?.shift()
      const until = pull.endedAt ?? endedAt
      const cutOff = faults.some(
        ({ on, from, to }) => on.includes(pull.node) && from <= pull.askedAt && (to ?? endedAt) >= until,
      )
      return {
        ...pull,
        bytes: pull.bytes ?? this.#bytes.get(pull.repository) ?? null,
        tookMs: pull.tookMs ?? measured ?? null,
        cutOff,
      }
    })
    return {
      startedAt: this.#startedAt,
      endedAt,
      cluster: this.#cluster,
      pulls,
      speeds: speedsOf(measurements),
      asked: askedOf(measurements),
      registries: this.#registries,
      omitted: this.#omitted,
    }
  }
}

function begun(node: string, repository: string, askedAt: number): Pull {
  return {
    node,
    repository,
    askedAt,
    endedAt: null,
    ok: null,
    source: null,
    bytes: null,
    upstreamBytes: null,
    tookMs: null,
    attempts: 1,
    cutOff: false,
  }
}

/** `speed from the mirror`, and the time to its first byte just before it. */
function speedsOf(measurements: readonly Measurement[]): SpeedFacts[] {
  return measurements
    .flatMap(({ name, value }, index): SpeedFacts[] => {
      const source = /^speed from the (.+)$/.exec(name)?.[1]
      if (source === undefined) return []
      const before = measurements[index - 1]
      const firstByteMs = before?.name === `first byte from the ${source} after` ? before.value : null
      return [{ source, megabytesPerSecond: value, firstByteMs }]
    })
    .slice(0, mostFigures)
}

function askedOf(measurements: readonly Measurement[]): TransferFacts['asked'] {
  return measurements
    .flatMap(({ name, value }) => {
      const how = /^bytes asked of the upstream (for .+)$/.exec(name)?.[1]
      return how === undefined ? [] : [{ how, bytes: value }]
    })
    .slice(0, mostFigures)
}
