import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'
import { type State, type StateBar, StateLane } from './timeline-lane.ts'

const leaseSchema = z.object({ holder: z.string() })
const leaderSchema = z.object({ id: z.string().nullable(), name: z.string().nullable() })

const mostLocks = 100

export interface HolderLane {
  /** `lease kube-system/kube-scheduler`, `etcd leader` */
  readonly name: string
  readonly bars: readonly StateBar[]
}

/** Who held what is elected: leases, and the leadership of etcd. */
export class HolderLanes {
  readonly #startedAt: number
  readonly #lanes = new Map<string, StateLane>()

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  take({ t, source, kind, subject, data }: JournalRecord): void {
    if (source === 'api-watch' && subject.startsWith('lease/')) {
      const lane = this.#lane(`lease ${subject.slice('lease/'.length)}`)
      if (kind === 'DELETED') return lane?.set(t, null)
      const lease = leaseSchema.safeParse(data)
      if (lease.success) lane?.set(t, held(lease.data.holder))
    } else if (source === 'etcd' && kind === 'leader') {
      const leader = leaderSchema.safeParse(data)
      if (leader.success) this.#lane('etcd leader')?.set(t, held(leader.data.name ?? leader.data.id ?? ''))
    }
  }

  #lane(name: string): StateLane | undefined {
    const known = this.#lanes.get(name)
    if (known !== undefined || this.#lanes.size >= mostLocks) return known
    const lane = new StateLane(this.#startedAt)
    this.#lanes.set(name, lane)
    return lane
  }

  /** Those whose holder changed in the scenario, or that nobody held; the most eventful first. */
  end(endedAt: number): HolderLane[] {
    return [...this.#lanes]
      .filter(([, lane]) => lane.changes > 0)
      .toSorted(([, a], [, b]) => b.changes - a.changes)
      .map(([name, lane]) => ({ name, bars: lane.end(endedAt) }))
      .filter(({ bars }) => bars.length > 0)
  }
}

/** Candidates call themselves by their host and a random part: `cp_7c1d…`. */
function held(holder: string): State {
  if (holder === '') return { health: 'unhealthy', label: 'nobody', detail: 'nobody holds it' }
  return { health: 'holder', label: holder.replace(/_[\da-f-]{16,}$/, ''), detail: holder }
}
