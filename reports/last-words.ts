import { formatDuration } from '../harness/duration.ts'
import type { JournalRecord } from '../harness/journal.ts'
import { expectationResultSchema } from '../harness/verdict.ts'
import { printable } from './printable.ts'

const waitSchema = expectationResultSchema.omit({ tookMs: true })

/** A fault that has begun and is not healed yet. */
interface OpenFault {
  /** `reboot of node/worker`. */
  readonly name: string
  readonly at: number
  readonly struck: boolean
}

const longestObservation = 300

/**
 * Follows one journal and can say at any moment where it is: in which scenario and phase, what is waited for, which
 * fault is open, what was observed last. Where the journal has ended without a word, that is what a reader asks first.
 */
export class LastWords {
  readonly #journal: string
  readonly #isInner: boolean
  readonly #waits = new Map<string, { readonly withinMs: number; readonly since: number }>()
  readonly #faults = new Map<string, OpenFault>()
  #scenario: { readonly name: string; readonly at: number } | null = null
  #ended = ''
  #healed = ''
  #observed: JournalRecord | null = null
  #cluster: JournalRecord | null = null
  #last: JournalRecord | null = null

  /**
   * @param journal how a reader knows it: its path in the output directory
   * @param isInner whether it is a part of another scenario, and of interest only as long as something is open in it
   */
  constructor(journal: string, { isInner = false }: { readonly isInner?: boolean } = {}) {
    this.#journal = journal
    this.#isInner = isInner
  }

  /** The journal's last record. */
  get last(): JournalRecord | null {
    return this.#last
  }

  take(record: JournalRecord): void {
    if (this.#last === null || record.t >= this.#last.t) this.#last = record
    const { source, kind, subject, t } = record
    if (source === 'scenario') {
      this.#forget()
      if (kind === 'started') this.#scenario = { name: subject, at: t }
      else this.#ended = subject
    } else if (source === 'expectation' || source === 'probe') {
      if (kind === 'waiting') this.#wait(record)
      else if (kind === 'met' || kind === 'missed') this.#waits.delete(subject)
      else if (kind === 'observed') this.#observed = record
    } else if (source === 'fault') this.#fault(record)
    else if (source === 'cluster') this.#cluster = record
  }

  /**
   * Where the journal ends, in printable lines; none where nothing was going on: all scenarios ended, and the cluster is
   * gone.
   */
  lines(): string[] {
    const now = this.#last?.t ?? 0
    const place = this.#place(now)
    if (place === null) return []
    return [
      `${place} (${this.#journal})`,
      ...[...this.#waits].map(
        ([name, { withinMs, since }]) =>
          `  waiting: ${name}, for ${formatDuration(Math.max(0, now - since))} of ${formatDuration(withinMs)}`,
      ),
      ...[...this.#faults.values()].map(
        ({ name, at, struck }) => `  fault: ${name}, ${struck ? 'struck' : 'begun'} ${formatDuration(now - at)} before`,
      ),
      ...(this.#observed === null
        ? []
        : [`  last observed, at ${formatDuration(this.#observed.t)}: ${said(this.#observed)}`]),
    ].map(printable)
  }

  #place(now: number): string | null {
    if (this.#scenario !== null) {
      return `in ${this.#scenario.name}, ${formatDuration(now - this.#scenario.at)} after its start, ${this.#phase()}`
    }
    if (this.#isInner || this.#cluster === null || /^(removed|failed)$/.test(this.#cluster.kind)) return null
    const { kind, subject, t } = this.#cluster
    const after = this.#ended === '' ? 'before the first scenario' : `after ${this.#ended}`
    return `${after}; the last of the cluster: ${subject} ${kind}, at ${formatDuration(t)}`
  }

  #phase(): string {
    const open = [...this.#faults.values()].at(-1)
    if (open !== undefined) return open.struck ? 'under a fault' : 'while a fault was being injected'
    return this.#healed === '' ? 'before any fault' : `after ${this.#healed} had healed`
  }

  /** What belongs to one scenario alone. */
  #forget(): void {
    this.#waits.clear()
    this.#faults.clear()
    this.#scenario = null
    this.#healed = ''
    this.#observed = null
  }

  #wait({ subject, data }: JournalRecord): void {
    const wait = waitSchema.safeParse(data)
    if (wait.success) this.#waits.set(subject, wait.data)
  }

  #fault({ kind, subject, t, data }: JournalRecord): void {
    const fault = typeof data === 'object' && data !== null && 'fault' in data ? String(data.fault) : 'fault'
    const name = `${fault} of ${subject}`
    if (kind === 'injecting') this.#faults.set(name, { name, at: t, struck: false })
    else if (kind === 'struck') this.#faults.set(name, { name, at: t, struck: true })
    else if (kind === 'healed') {
      this.#faults.delete(name)
      this.#healed = name
    }
  }
}

function said({ subject, data }: JournalRecord): string {
  const text = typeof data === 'string' ? data : (JSON.stringify(data) ?? '')
  return `${subject}: ${text}`.replaceAll(/\s+/g, ' ').slice(0, longestObservation)
}
