import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'
import type { Measurement } from '../../harness/verdict.ts'
import type { ScenarioEnd, ScenarioFold, ScenarioStart, StartFold } from '../scenario-fold.ts'
import { clusterNameOf } from './cluster-name.ts'
import { RemedyWatch, type RemedyFacts } from './remedies.ts'

/** A failed pod of a DaemonSet, and how long the controller left it there. Times: milliseconds since the run's start. */
export interface DelayFacts {
  /** `kube-system/kube-proxy-x` */
  readonly pod: string
  /** `DaemonSet/kube-proxy`; empty: not told. */
  readonly owner: string
  readonly node: string
  readonly reason: string
  /** The scenario's first reboot is 1; 0: it failed before that. */
  readonly reboot: number
  readonly failedAt: number
  /** By the model of the controller's back-off, when the pod failed; null: nobody asked it. */
  readonly predictedMs: number | null
  /** Null: it had not been deleted by the scenario's end. */
  readonly measuredMs: number | null
}

export interface RecoveryFacts {
  readonly startedAt: number
  readonly endedAt: number
  /** The cluster's name, which its machines' names begin with; null: not told. */
  readonly cluster: string | null
  /** `objectives.daemonSetRecovery` in milliseconds; null: nothing was held to it. */
  readonly objectiveMs: number | null
  readonly reboots: number
  readonly delays: readonly DelayFacts[]
  readonly remedies: readonly RemedyFacts[]
  /** Failed pods that are not among `delays`, because there were too many. */
  readonly omitted: number
}

/** A storm of 20 reboots fails about 80 pods of two DaemonSets. */
const mostDelays = 300

const podSchema = z.object({
  node: z.string().nullable(),
  phase: z.string(),
  reason: z.string().nullable().catch(null),
  deleting: z.boolean().catch(false),
  owner: z.string().startsWith('DaemonSet/'),
})

/** As the harness writes it (harness/probes/daemonset-history.ts, `ReplacementFacts`). */
const replacementSchema = z.object({
  node: z.string().catch(''),
  owner: z.string().catch(''),
  reason: z.string().catch('Failed'),
  failedAt: z.number(),
  predictedDelayMs: z.number(),
  measuredDelayMs: z.number().nullable(),
})

const stormSchema = z.object({ nodeReadyAt: z.number(), predictedDelayMs: z.number(), predictedAt: z.number() })

type Delay = { -readonly [key in keyof DelayFacts]: DelayFacts[key] }

/** Folds what the picture of a recovery shows: each failed pod of a DaemonSet, the model's word on it, and remedies. */
export const foldRecovery: StartFold<RecoveryFacts> = (start) => new RecoveryFold(start)

class RecoveryFold implements ScenarioFold<RecoveryFacts> {
  readonly #startedAt: number
  readonly #delays = new Map<string, Delay>()
  readonly #remedies = new RemedyWatch()
  #cluster: string | null = null
  #reboots = 0
  #omitted = 0

  constructor({ startedAt }: ScenarioStart) {
    this.#startedAt = startedAt
  }

  take(record: JournalRecord): void {
    const { source, kind, subject, data } = record
    this.#remedies.take(record)
    this.#cluster ??= clusterNameOf(record)
    if (source === 'api-watch' && subject.startsWith('pod/')) this.#pod(record)
    else if (source === 'probe' && kind === 'replacement') this.#replacement(record)
    else if (source === 'fault' && kind === 'storm') this.#storm(data)
    else if (source === 'fault' && kind === 'injecting' && record.t >= this.#startedAt) {
      const fault = z.object({ fault: z.literal('reboot') }).safeParse(data)
      if (fault.success) this.#reboots += 1
    }
  }

  #pod({ t, kind, subject, data }: JournalRecord): void {
    const parsed = podSchema.safeParse(data)
    if (!parsed.success || parsed.data.phase !== 'Failed') return
    const { node, reason, deleting, owner } = parsed.data
    const gone = deleting || kind === 'DELETED'
    const known = this.#delays.get(subject)
    if (known !== undefined) {
      if (gone) known.measuredMs ??= Math.max(0, t - known.failedAt)
      return
    }
    // One that failed while it was being deleted is none of the controller's concern.
    if (gone) return
    this.#add(subject, { owner, node: node ?? '', reason: reason ?? 'Failed', failedAt: t })
  }

  #replacement({ subject, data }: JournalRecord): void {
    const parsed = replacementSchema.safeParse(data)
    if (!parsed.success) return
    const { owner, node, reason, failedAt, predictedDelayMs, measuredDelayMs } = parsed.data
    // The whole history of the cluster is told at once: what failed before this scenario is not its own.
    const known =
      this.#delays.get(subject) ??
      (failedAt < this.#startedAt ? undefined : this.#add(subject, { owner, node, reason, failedAt }))
    if (known === undefined) return
    // What was said while the pod waited is the prediction; after a remedy the model says something else.
    known.predictedMs ??= predictedDelayMs
    known.measuredMs ??= measuredDelayMs
  }

  /** In a journal without replacements, a storm tells of the one that is due last. */
  #storm(data: unknown): void {
    const parsed = stormSchema.safeParse(data)
    if (!parsed.success) return
    const failedAt = parsed.data.predictedAt - parsed.data.predictedDelayMs
    for (const delay of this.#delays.values()) {
      if (Math.abs(delay.failedAt - failedAt) < 1 && delay.measuredMs === null) {
        delay.predictedMs ??= parsed.data.predictedDelayMs
      }
    }
  }

  #add(subject: string, facts: Pick<Delay, 'owner' | 'node' | 'reason' | 'failedAt'>): Delay | undefined {
    if (this.#delays.size >= mostDelays) {
      this.#omitted += 1
      return undefined
    }
    const pod = subject.replace(/^pod\//, '')
    const delay: Delay = { pod, ...facts, reboot: this.#reboots, predictedMs: null, measuredMs: null }
    this.#delays.set(subject, delay)
    return delay
  }

  end({ endedAt, verdict }: ScenarioEnd): RecoveryFacts {
    // What failed before it is known so that it is not taken for new.
    const delays = [...this.#delays.values()].filter(({ failedAt }) => failedAt >= this.#startedAt)
    complete(delays, verdict?.measurements ?? [])
    return {
      startedAt: this.#startedAt,
      endedAt,
      cluster: this.#cluster,
      objectiveMs: this.#remedies.objectiveMs,
      reboots: this.#reboots,
      delays,
      remedies: this.#remedies.all(),
      omitted: this.#omitted,
    }
  }
}

/** What a verdict tells of a delay: `DaemonSet/agent NodeShutdown: predicted delay`, and after it the measured one. */
function complete(delays: Delay[], measurements: readonly Measurement[]): void {
  for (const [index, { name, value }] of measurements.entries()) {
    const subject = /^(.+): predicted delay$/.exec(name)?.[1]
    if (subject === undefined) continue
    const next = measurements[index + 1]
    const measuredMs = next?.name === `${subject}: measured delay` ? next.value : null
    const reason = subject.slice(subject.lastIndexOf(' ') + 1)
    const what = subject.slice(0, subject.lastIndexOf(' '))
    const known = delays.find(
      (delay) =>
        (delay.pod === what || delay.owner === what) &&
        delay.reason === reason &&
        delay.predictedMs === null &&
        same(delay.measuredMs, measuredMs),
    )
    if (known !== undefined) known.predictedMs = value
  }
}

/** Both were rounded to a microsecond, one of them before a subtraction. */
function same(one: number | null, other: number | null): boolean {
  return one === null || other === null ? one === other : Math.abs(one - other) < 0.01
}
