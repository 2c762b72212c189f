import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'

/** A fault from when it was asked for until it was healed, in milliseconds since the run's start. */
export interface FaultWindow {
  /** `etcd-stop` */
  readonly name: string
  /** The machines that it struck, or what else did. */
  readonly on: readonly string[]
  readonly from: number
  /** When it was in effect; null: the run did not get that far. */
  readonly struckAt: number | null
  /** When it was healed; null: never, as some faults pass by themselves. */
  readonly to: number | null
}

const faultSchema = z.object({ fault: z.string() })

/** A scenario has a handful; a journal that is no scenario's may have any number. */
const mostWindows = 200

type Mutable = { -readonly [key in keyof FaultWindow]: FaultWindow[key] }

/** The faults of a scenario, as its records tell of them. */
export class FaultWindows {
  readonly #windows: (Omit<Mutable, 'on'> & { readonly subject: string })[] = []

  take({ t, source, kind, subject, data }: JournalRecord): void {
    if (source !== 'fault') return
    const name = faultSchema.safeParse(data).data?.fault
    if (name === undefined) return
    const open = this.#windows.findLast((window) => window.name === name && window.subject === subject)
    if (kind === 'injecting' || open === undefined) {
      if (kind === 'healed' || this.#windows.length >= mostWindows) return
      this.#windows.push({ name, subject, from: t, struckAt: null, to: null })
    }
    if (kind === 'struck' && open !== undefined) open.struckAt ??= t
    if (kind === 'healed' && open !== undefined) open.to ??= t
  }

  /** In the order in which they began. */
  all(): FaultWindow[] {
    return this.#windows.map(({ subject, ...window }) => ({ ...window, on: machinesOf(subject) }))
  }
}

/** `node/a, b` are two machines. */
function machinesOf(subject: string): string[] {
  return subject
    .replace(/^node\//, '')
    .split(', ')
    .slice(0, 20)
}
