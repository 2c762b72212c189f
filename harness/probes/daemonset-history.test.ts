import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { delayBeforeDeletion } from '../budgets/daemonset.ts'
import type { JournalRecord, JournalSource } from '../journal.ts'
import type { PodFacts } from '../kube/observe.ts'
import {
  daemonSetHistory,
  followsModel,
  pendingReplacements,
  shortestStart,
  writeReplacements,
} from './daemonset-history.ts'

/** A journal that is written event by event. Times are milliseconds. */
class Story {
  readonly records: JournalRecord[] = []

  #append(t: number, kind: string, subject: string, data: unknown): this {
    this.records.push({ t, at: new Date(t).toISOString(), source: 'api-watch', kind, subject, data })
    return this
  }

  #pod(t: number, kind: string, name: string, changes: Partial<PodFacts>): this {
    const facts: PodFacts = {
      uid: `uid-${name}`,
      node: 'worker',
      phase: 'Running',
      reason: null,
      ready: false,
      deleting: false,
      owner: 'DaemonSet/kube-proxy',
      ownerUid: 'ds-1',
      templateGeneration: '1',
      disruption: null,
      ...changes,
    }
    return this.#append(t, kind, `pod/kube-system/${name}`, facts)
  }

  leads(t: number, holder: string): this {
    return this.#append(t, 'MODIFIED', 'lease/kube-system/kube-controller-manager', { holder, transitions: 1 })
  }

  runs(t: number, name: string, changes: Partial<PodFacts> = {}): this {
    return this.#pod(t, 'MODIFIED', name, { ready: true, ...changes })
  }

  fails(t: number, name: string, changes: Partial<PodFacts> = {}): this {
    return this.#pod(t, 'MODIFIED', name, { phase: 'Failed', reason: 'Terminated', ...changes })
  }

  /** As the controller deletes it: first marked, then gone. */
  goes(t: number, name: string, changes: Partial<PodFacts> = {}): this {
    const facts = { phase: 'Failed', reason: 'Terminated', deleting: true, ...changes } as const
    return this.#pod(t, 'MODIFIED', name, facts).#pod(t + 2, 'DELETED', name, facts)
  }

  /** As far as what writes replacements uses one. */
  journal() {
    return {
      records: () => this.records,
      append: (source: JournalSource, kind: string, subject: string, data?: unknown) => {
        const record: JournalRecord = { t: 0, at: '', source, kind, subject, data }
        this.records.push(record)
        return record
      },
    }
  }

  history() {
    return daemonSetHistory(this.records, 'worker')
  }

  predicted() {
    return this.history().replacements.map(({ predictedDelayMs }) => predictedDelayMs)
  }
}

describe('daemonSetHistory', () => {
  it('predicts the field’s sequence: at once, then a second, doubled with each failed pod', () => {
    const story = new Story().leads(0, 'cp_1').runs(1, 'a')
    // Two reboots, a minute apart: the running pod fails, and its replacement is refused by the node that goes down.
    story
      .fails(60_000, 'a')
      .goes(60_030, 'a')
      .fails(60_250, 'b', { reason: 'NodeShutdown' })
      .goes(61_260, 'b')
      .runs(62_000, 'c')
    story.fails(120_000, 'c').goes(120_030, 'c').fails(120_250, 'd', { reason: 'NodeShutdown' }).goes(124_290, 'd')
    expect(story.predicted()).toEqual([0, 1_000, 0, 4_000])
    expect(story.history().replacements.map(({ measuredDelayMs }) => measuredDelayMs)).toEqual([30, 1_010, 30, 4_040])
    expect(story.history().replacements.every(followsModel)).toBe(true)
    expect(story.history().replacements[1]).toEqual({
      pod: 'kube-system/b',
      owner: 'DaemonSet/kube-proxy',
      failedAt: 60_250,
      reason: 'NodeShutdown',
      predictedAt: 61_250,
      earliestAt: 61_030,
      deletedAt: 61_260,
      predictedDelayMs: 1_000,
      measuredDelayMs: 1_010,
    })
    expect(story.history().backoff).toEqual(
      new Map([['DaemonSet/kube-proxy', { delayMs: 8_000, lastDeletionAt: 124_290 }]]),
    )
  })

  it('predicts for any pod that fails at once what the model says of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), (count) => {
        const story = new Story()
        let now = 0
        for (let n = 1; n <= count; n += 1) {
          story.fails(now, `p${n}`)
          now += delayBeforeDeletion(n)
          story.goes(now, `p${n}`)
        }
        expect(story.predicted()).toEqual(Array.from({ length: count }, (_, index) => delayBeforeDeletion(index + 1)))
        expect(story.history().replacements.every(followsModel)).toBe(true)
      }),
    )
  })

  it('waits the whole delay where a pod fails within it, unless something makes the controller look sooner', () => {
    const story = new Story().fails(0, 'a').goes(0, 'a').fails(100, 'b').goes(1_100, 'b').fails(2_600, 'c')
    const [, , third] = story.history().replacements
    expect(third).toMatchObject({ predictedAt: 4_600, earliestAt: 3_100, deletedAt: null })
  })

  it('begins anew with a new leader, who has forgotten the delay', () => {
    const story = new Story().leads(0, 'cp_1').fails(10, 'a').goes(10, 'a').fails(20, 'b').goes(1_020, 'b')
    expect(new Story().leads(0, 'cp_1').history().backoff.size).toBe(0)
    story.leads(50_000, 'cp_2').fails(50_100, 'c').goes(50_110, 'c').fails(50_200, 'd').goes(51_200, 'd')
    expect(story.predicted()).toEqual([0, 1_000, 0, 1_000])
  })

  it('has a pod that waits deleted as soon as there is a new leader, and no sooner', () => {
    const story = new Story()
      .leads(0, 'cp_1')
      .fails(0, 'a')
      .goes(0, 'a')
      .fails(100, 'b')
      .goes(1_100, 'b')
      .fails(1_200, 'c')
    expect(pendingReplacements(story.history())).toMatchObject([{ predictedAt: 3_200 }])
    story.leads(2_000, '').leads(2_500, 'cp_2')
    expect(pendingReplacements(story.history())).toMatchObject([
      { predictedAt: 2_500, earliestAt: 2_500, predictedDelayMs: 1_300 },
    ])
    story.goes(2_600, 'c')
    expect(story.history().replacements.every(followsModel)).toBe(true)
  })

  it('begins anew with a new template', () => {
    const [old, changed] = [{ templateGeneration: '1' }, { templateGeneration: '2' }]
    const story = new Story().fails(0, 'a', old).goes(0, 'a', old).fails(100, 'b', old).goes(1_100, 'b', old)
    story.fails(1_200, 'c', changed).goes(1_210, 'c', changed).fails(1_300, 'd', changed).goes(2_310, 'd', changed)
    expect(story.predicted()).toEqual([0, 1_000, 0, 1_000])
    expect(story.history().backoff.get('DaemonSet/kube-proxy')).toEqual({ delayMs: 2_000, lastDeletionAt: 2_310 })
  })

  it('keeps a delay for each DaemonSet', () => {
    const agent = { owner: 'DaemonSet/agent', ownerUid: 'ds-2' }
    const story = new Story()
      .fails(0, 'a')
      .goes(0, 'a')
      .fails(10, 'x', agent)
      .goes(10, 'x', agent)
      .fails(20, 'b')
      .fails(20, 'y', agent)
    expect(story.predicted()).toEqual([0, 0, 1_000, 1_000])
    expect([...story.history().backoff.keys()]).toEqual(['DaemonSet/kube-proxy', 'DaemonSet/agent'])
  })

  it('counts no pod that fails while it is being deleted: the controller does not either', () => {
    const leaving = { deleting: true }
    const story = new Story()
      .runs(0, 'a', { ...leaving, ready: false })
      .fails(50, 'a', leaving)
      .goes(60, 'a')
    expect(story.history()).toEqual({ replacements: [], backoff: new Map() })
  })

  it('counts no pod of another node, of nobody, or of something else than a DaemonSet', () => {
    const story = new Story()
      .fails(0, 'a', { node: 'other' })
      .fails(0, 'b', { owner: null })
      .fails(0, 'c', { owner: 'ReplicaSet/x' })
    expect(story.history().replacements).toEqual([])
  })

  it('counts a failed pod once, however often it changes', () => {
    const story = new Story().fails(0, 'a').fails(5, 'a', { reason: 'Evicted' }).goes(10, 'a').fails(20, 'b')
    expect(story.history().replacements).toMatchObject([
      { pod: 'kube-system/a', failedAt: 0, reason: 'Terminated', deletedAt: 10 },
      { pod: 'kube-system/b', predictedDelayMs: 1_000, deletedAt: null, measuredDelayMs: null },
    ])
  })

  it('reads nothing but what the API showed', () => {
    const [record] = new Story().fails(0, 'a').records
    expect(record).toBeDefined()
    const others =
      record === undefined
        ? []
        : [
            { ...record, source: 'probe' as const },
            { ...record, subject: 'node/worker' },
          ]
    expect(daemonSetHistory(others, 'worker').replacements).toEqual([])
  })

  it('gives the replacements in the order in which the pods failed', () => {
    const agent = { owner: 'DaemonSet/agent', ownerUid: 'ds-2' }
    const story = new Story().fails(0, 'a').fails(5, 'x', agent).goes(10, 'x', agent).goes(20, 'a')
    expect(story.history().replacements.map(({ pod }) => pod)).toEqual(['kube-system/a', 'kube-system/x'])
  })
})

describe('writeReplacements', () => {
  it('writes a failed pod once while it waits, and once more when it has been deleted', () => {
    const story = new Story().fails(0, 'a').goes(20, 'a').fails(100, 'b')
    const written = () => story.records.filter(({ kind }) => kind === 'replacement')
    const write = () => writeReplacements(story.journal(), 'worker')
    expect(write()).toEqual(story.history())
    write()
    expect(written()).toMatchObject([
      { source: 'probe', subject: 'pod/kube-system/a', data: { node: 'worker', deletedAt: 20, predictedDelayMs: 0 } },
      {
        source: 'probe',
        subject: 'pod/kube-system/b',
        data: { node: 'worker', deletedAt: null, predictedDelayMs: 1_000 },
      },
    ])
    story.goes(1_100, 'b')
    write()
    write()
    expect(written().slice(2)).toMatchObject([
      { subject: 'pod/kube-system/b', data: { deletedAt: 1_100, measuredDelayMs: 1_000 } },
    ])
  })
})

describe('pendingReplacements', () => {
  it('are the pods that wait, the one that waits longest first', () => {
    const agent = { owner: 'DaemonSet/agent', ownerUid: 'ds-2' }
    const story = new Story().fails(0, 'a').goes(0, 'a').fails(100, 'b').goes(1_100, 'b')
    story.fails(1_200, 'x', agent).fails(1_300, 'c')
    expect(pendingReplacements(story.history()).map(({ pod }) => pod)).toEqual(['kube-system/c', 'kube-system/x'])
  })
})

describe('followsModel', () => {
  const replacement = {
    pod: 'p',
    owner: 'o',
    reason: 'r',
    failedAt: 100_000,
    earliestAt: 130_000,
    predictedAt: 164_000,
    predictedDelayMs: 64_000,
    measuredDelayMs: null,
  }

  it.each([
    // A tenth of the 30 s that it must wait at least, and a second.
    [125_999, false],
    [126_000, true],
    [150_000, true],
    // A tenth of the 64 s that it waits at most, and a second.
    [171_400, true],
    [171_401, false],
    [null, false],
  ])('of a pod deleted at %s: %s', (deletedAt, answer) => {
    expect(followsModel({ ...replacement, deletedAt })).toBe(answer)
  })
})

describe('shortestStart', () => {
  it('is the shortest time from a deletion to a Ready pod of the same DaemonSet on the node', () => {
    const agent = { owner: 'DaemonSet/agent', ownerUid: 'ds-2' }
    const story = new Story().fails(0, 'a').goes(98, 'a').runs(500, 'x', agent).runs(2_100, 'b')
    story
      .fails(3_000, 'b')
      .goes(3_998, 'b')
      .runs(4_100, 'elsewhere', { node: 'other' })
      .runs(5_500, 'c')
      .runs(5_600, 'c')
    expect(shortestStart(story.records, 'worker')).toBe(1_500)
  })

  it('is 0 where there was none', () => {
    expect(shortestStart([], 'worker')).toBe(0)
    expect(shortestStart(new Story().fails(0, 'a').goes(5, 'a').records, 'worker')).toBe(0)
  })
})
