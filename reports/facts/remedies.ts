import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'

/** What was done against a back-off, and what came of it. */
export interface RemedyFacts {
  /** In words: `restart kube-controller-manager`. */
  readonly name: string
  /** When, in milliseconds since the run's start. */
  readonly appliedAt: number
  /** Milliseconds from the remedy until the objective's condition held; null: it was missed, or the run ended. */
  readonly tookMs: number | null
  readonly withinMs: number
  /** The condition: `every DaemonSet pod of the node is Ready within the objective`. */
  readonly condition: string
  /** When the node was back, and when by the model the last pod is made anew where nothing is done. */
  readonly storm: { readonly nodeReadyAt: number; readonly predictedAt: number }
}

const objectiveSchema = z.object({
  name: z.string(),
  budget: z.string().includes('objectives.daemonSetRecovery'),
  withinMs: z.number(),
  tookMs: z.number().nullable().optional(),
  since: z.number(),
})

const stormSchema = z.object({ nodeReadyAt: z.number(), predictedAt: z.number() })

const mostRemedies = 20

/** Things done to the cluster that an objective may be counted from; far fewer are remembered than ever happen. */
const mostDeeds = 50

/**
 * Finds remedies in a journal: what an objective is counted from, to the microsecond, is the remedy, because a remedy
 * gives back when it was applied, which is when it was written down.
 */
export class RemedyWatch {
  #deeds: { readonly t: number; readonly name: string }[] = []
  readonly #remedies = new Map<string, RemedyFacts>()
  #storm: { readonly nodeReadyAt: number; readonly predictedAt: number } | null = null
  objectiveMs: number | null = null

  take({ t, source, kind, subject, data }: JournalRecord): void {
    if (source === 'fault' && kind === 'storm') this.#storm = stormSchema.safeParse(data).data ?? this.#storm
    const name = deed(source, kind, subject, data)
    if (name !== null) this.#deeds = [...this.#deeds.slice(1 - mostDeeds), { t, name }]
    if (source === 'expectation' && ['waiting', 'met', 'missed'].includes(kind)) this.#expectation(data)
  }

  #expectation(data: unknown): void {
    const parsed = objectiveSchema.safeParse(data)
    if (!parsed.success) return
    const { name: condition, withinMs, tookMs = null, since } = parsed.data
    this.objectiveMs ??= withinMs
    const applied = this.#deeds.find(({ t }) => t === since)
    const key = `${since} ${condition}`
    if (applied === undefined || (this.#remedies.size >= mostRemedies && !this.#remedies.has(key))) return
    // Without a back-off there is nothing to cure: what was done then is no remedy.
    if (this.#storm === null) return
    const { name } = applied
    this.#remedies.set(key, { name, appliedAt: since, tookMs, withinMs, condition, storm: this.#storm })
  }

  all(): RemedyFacts[] {
    return [...this.#remedies.values()]
  }
}

/** What somebody did to the cluster, in words; null: this is no such record. */
function deed(source: string, kind: string, subject: string, data: unknown): string | null {
  if (source === 'cluster' && kind === 'restarting') return `restart ${subject}`
  if (source === 'cluster' && kind === 'changing-pod-templates') return 'change the pod templates'
  const healed = source === 'fault' && kind === 'healed' ? z.object({ fault: z.string() }).safeParse(data) : null
  if (healed?.success !== true) return null
  const node = subject.replace(/^node\//, '')
  return healed.data.fault === 'power-off' ? `bring ${node} back` : null
}
