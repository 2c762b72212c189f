import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'

/** What was done to the cluster, in milliseconds since the scenario began. */
export interface Window {
  /** A fault, or what an operator does: a machine joins, a component is restarted. */
  readonly kind: 'fault' | 'action'
  readonly name: string
  /** `worker`, `NetworkPolicy elector/x`; empty: the cluster. */
  readonly target: string
  readonly from: number
  /** When it had left its evidence; null: it never did. */
  readonly struck: number | null
  /** When it was over: healed, or passed by itself. */
  readonly to: number
  /** Null: it passed by itself or was still in effect at the end. */
  readonly healed: number | null
}

const mostWindows = 120

const faultSchema = z.object({ fault: z.string() })

/** Actions with a beginning and an end, by their kinds; those of a moment have no end. */
const actions: ReadonlyMap<string, { readonly name: string; readonly ends: readonly string[] }> = new Map([
  ['joining', { name: 'joins', ends: ['joined', 'join-failed'] }],
  ['leaving', { name: 'leaves', ends: ['left'] }],
  ['chart-installing', { name: 'installs', ends: ['chart-installed'] }],
  ['restarting', { name: 'restarts', ends: [] }],
  ['changing-pod-templates', { name: 'new pod templates', ends: [] }],
  ['restored', { name: 'restored from a snapshot', ends: [] }],
  ['added', { name: 'member added', ends: [] }],
])

type Open = { -readonly [key in keyof Window]: Window[key] } & { readonly key: string; over: boolean }

/** Faults from when they were asked for until they were healed, and actions. */
export class Windows {
  readonly #startedAt: number
  readonly #windows: Open[] = []
  #leftOut = 0

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  take({ t, source, kind, subject, data }: JournalRecord): void {
    const at = t - this.#startedAt
    if (at < 0) return
    if (source === 'fault') this.#fault(at, kind, subject, data)
    else if (source === 'cluster') this.#action(at, kind, subject)
  }

  #fault(at: number, kind: string, subject: string, data: unknown): void {
    const fault = faultSchema.safeParse(data)
    if (!fault.success) return
    const name = fault.data.fault
    const key = `fault ${name} ${subject}`
    if (kind === 'injecting') this.#add({ kind: 'fault', name, target: target(subject), at, key })
    const open = this.#open(key)
    if (open === undefined) return
    if (kind === 'struck') {
      open.struck ??= at
      open.to = at
    } else if (kind === 'healed') {
      // What shows by the end that it struck may have been seen at any time since it was asked for.
      open.struck ??= open.from
      Object.assign(open, { to: at, healed: at, over: true })
    }
  }

  #action(at: number, kind: string, subject: string): void {
    const action = actions.get(kind)
    if (action !== undefined) {
      const key = `${kind} ${subject}`
      this.#add({ kind: 'action', name: action.name, target: target(subject), at, key })
      const open = this.#open(key)
      if (open !== undefined && action.ends.length === 0) open.over = true
      return
    }
    for (const [begin, { ends }] of actions) {
      if (!ends.includes(kind)) continue
      const open = this.#open(`${begin} ${subject}`)
      if (open !== undefined) Object.assign(open, { to: at, healed: at, over: true })
    }
  }

  #open(key: string): Open | undefined {
    return this.#windows.findLast((window) => window.key === key && !window.over)
  }

  #add({ kind, name, target: on, at, key }: Pick<Open, 'kind' | 'name' | 'target' | 'key'> & { at: number }): void {
    if (this.#windows.length >= mostWindows) {
      this.#leftOut += 1
      return
    }
    const struck = kind === 'action' ? at : null
    this.#windows.push({ kind, name, target: on, from: at, struck, to: at, healed: null, key, over: false })
  }

  /** In the order in which they began; what never struck and was never healed lasted to the end. */
  end(endedAt: number): { readonly windows: Window[]; readonly leftOut: number } {
    const duration = Math.max(0, endedAt - this.#startedAt)
    const within = (at: number) => Math.min(at, duration)
    const windows = this.#windows.map(({ kind, name, target: on, from, struck, to, healed }): Window => {
      const unfinished = healed === null && struck === null
      return {
        kind,
        name,
        target: on,
        from: within(from),
        struck: struck === null ? null : within(struck),
        to: unfinished ? duration : within(Math.max(from, to)),
        healed: healed === null ? null : within(healed),
      }
    })
    return { windows, leftOut: this.#leftOut }
  }
}

/** `node/a, b` are two machines; other subjects are named with their kind. */
function target(subject: string): string {
  const name = subject.replace(/^(?:node|registry|member|release)\//, '')
  return name === '*' ? 'all nodes' : name
}
