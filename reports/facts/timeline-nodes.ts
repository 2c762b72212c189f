import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'
import { type State, type StateBar, StateLane } from './timeline-lane.ts'

const nodeSchema = z.object({ ready: z.boolean(), reason: z.string().nullable().catch(null) })

/** What ends a machine's power: the engine's word, and those of machines that a command switches. */
const powerless: ReadonlySet<string> = new Set(['die', 'off', 'cut'])

const mostNodes = 40

interface Machine {
  power: 'on' | 'off' | 'boots'
  /** What the API says of it; null: it is not (yet) one of its nodes. */
  api: { readonly ready: boolean; readonly reason: string | null } | null
  readonly lane: StateLane
}

export interface NodeLane {
  readonly name: string
  readonly bars: readonly StateBar[]
}

/** What each machine was: by the engine whether it ran, by the API whether it was Ready. */
export class NodeLanes {
  readonly #startedAt: number
  readonly #machines = new Map<string, Machine>()
  #leftOut = 0

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  take({ t, source, kind, subject, data }: JournalRecord): void {
    const name = /^node\/(?<name>[^/]+)$/.exec(subject)?.groups?.['name']
    if (name === undefined) return
    if (source === 'engine') {
      if (powerless.has(kind)) this.#change(t, name, { power: 'off' })
      else if (kind === 'start')
        this.#change(t, name, { power: this.#machines.get(name)?.api == null ? 'on' : 'boots' })
      else if (kind === 'destroy') this.#machines.get(name)?.lane.set(t, null)
    } else if (source === 'api-watch') {
      if (kind === 'DELETED') return this.#change(t, name, { api: null })
      const facts = nodeSchema.safeParse(data)
      if (!facts.success) return
      // A machine that reports that it is Ready has booted; anything else it may have said before it went down.
      const booted = facts.data.ready && this.#machines.get(name)?.power === 'boots'
      this.#change(t, name, { api: facts.data, ...(booted ? { power: 'on' } : {}) })
    }
  }

  #change(t: number, name: string, change: Partial<Pick<Machine, 'power' | 'api'>>): void {
    const machine = this.#machines.get(name) ?? this.#add(name)
    if (machine === null) return
    Object.assign(machine, change)
    machine.lane.set(t, stateOf(machine))
  }

  #add(name: string): Machine | null {
    if (this.#machines.size >= mostNodes) {
      this.#leftOut += 1
      return null
    }
    const machine: Machine = { power: 'on', api: null, lane: new StateLane(this.#startedAt) }
    this.#machines.set(name, machine)
    return machine
  }

  /** In the order of their names; without those that were gone before. */
  end(endedAt: number): { readonly lanes: NodeLane[]; readonly leftOut: number } {
    const lanes = [...this.#machines].map(([name, { lane }]) => ({ name, bars: lane.end(endedAt) }))
    return {
      lanes: lanes
        .filter(({ bars }) => bars.length > 0)
        .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
      leftOut: this.#leftOut,
    }
  }
}

function stateOf({ power, api }: Machine): State {
  if (power === 'off') {
    if (api === null) return { health: 'off', label: 'off', detail: 'without power' }
    if (api.ready)
      return { health: 'off', label: 'off, still “Ready”', detail: 'without power; the API still calls it Ready' }
    return {
      health: 'off',
      label: 'off, NotReady',
      detail: `without power; NotReady, ${api.reason ?? 'without a reason'}`,
    }
  }
  if (api === null) return { health: 'healthy', label: 'runs', detail: 'the machine runs; it is no node of the API' }
  if (power === 'boots') return { health: 'waiting', label: 'boots', detail: 'the machine runs; not Ready yet' }
  if (api.ready) return { health: 'healthy', label: 'Ready', detail: '' }
  return { health: 'unhealthy', label: 'NotReady', detail: api.reason ?? '' }
}
