import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { foldEtcd, type EtcdFacts } from '../facts/etcd.ts'
import { anyRecords, folded } from '../facts/sample-records.ts'
import { etcdPicture } from './etcd.ts'
import { drawn } from './sample-svg.ts'
import { theme } from './theme.ts'

const lane = (id: string, name: string) => ({
  id,
  names: [name],
  machine: name,
  spans: [{ from: 1_000, to: 61_000, role: 'voter' as const }],
})
const noWrites = { acknowledged: [], gaps: [], failedWrites: [], failedReads: [], failed: { writes: 0, reads: 0 } }
const facts = (changes: Partial<EtcdFacts> = {}): EtcdFacts => ({
  startedAt: 1_000,
  endedAt: 61_000,
  cluster: 'split-1',
  members: [lane('a1', 'split-1-etcd-1'), lane('b2', 'split-1-etcd-2')],
  leaders: [
    { from: 1_000, to: 21_000, id: 'a1', term: 2 },
    { from: 21_000, to: 31_000, id: null, term: 2 },
    { from: 31_000, to: 61_000, id: 'b2', term: 3 },
  ],
  index: [
    { t: 2_000, raftIndex: 1_000 },
    { t: 60_000, raftIndex: 1_500 },
  ],
  writes: {
    acknowledged: [
      { from: 2_000, to: 20_000, writes: 170 },
      { from: 32_500, to: 50_000, writes: 160 },
    ],
    gaps: [{ from: 20_000, to: 32_500 }],
    failedWrites: [22_000, 24_000],
    failedReads: [23_000],
    failed: { writes: 2, reads: 1 },
  },
  unanswered: [25_000],
  faults: [{ name: 'etcd-stop', on: ['split-1-etcd-1'], from: 19_000, struckAt: 20_000, to: 40_000 }],
  eventful: true,
  ...changes,
})

describe('etcdPicture', () => {
  it('has lanes of faults, members, leaderless time and writes, with the raft index below', async () => {
    const { texts, fills, description, width } = drawn(await etcdPicture(facts(), 'quorum lost'))

    const lanes = ['etcd-stop etcd-1', 'etcd-1 · a1', 'etcd-2 · b2', 'no leader', 'writes']
    expect(texts.filter((text) => lanes.includes(text))).toEqual(lanes)
    expect(texts).toEqual(
      expect.arrayContaining(['leads, term 2', 'leads, term 3', 'no leader for 10 s', '170 writes', 'none for 12.5 s']),
    )
    expect(texts).toEqual(
      expect.arrayContaining(['2 writes given up', '1 read given up', 'raft index', 'no member answered']),
    )
    // The fault itself, its band over the lanes and over the index, and its entry in the legend.
    expect(fills.get(theme.fault)).toBe(4)
    expect(description).toContain('Led by: etcd-1 in term 2, nobody after term 2, etcd-2 in term 3.')
    expect(description).toContain('The longest time without an acknowledged write is 12.5 s.')
    expect(width).toBeLessThan(1_100)
  })

  it('tells a learner from a voter, and ends the lead of a member that is removed', async () => {
    const joining = {
      id: 'c3',
      names: [],
      machine: null,
      spans: [{ from: 30_000, to: 61_000, role: 'learner' as const }],
    }
    const removed = { ...lane('a1', 'etcd-1'), spans: [{ from: 1_000, to: 11_000, role: 'voter' as const }] }
    const leaders = [{ from: 1_000, to: 61_000, id: 'a1', term: 2 }]
    const svg = await etcdPicture(facts({ members: [removed, joining], leaders }), 'replaced')
    const { texts } = drawn(svg)
    expect(texts).toContain('nameless · c3')
    expect(texts).toContain('learner')
    expect(svg).toContain('leads in term 2, 10 s')
  })

  it('leaves out what an older journal does not tell', async () => {
    const { texts } = drawn(
      await etcdPicture(
        facts({ index: [], writes: { ...noWrites, failedWrites: [22_000], failed: { writes: 1, reads: 0 } } }),
        'old',
      ),
    )
    expect(texts).not.toContain('raft index')
    expect(texts).not.toContain('writes')
    expect(texts).toContain('1 write given up')
  })

  it('is no picture where nothing happened to etcd', async () => {
    const quiet = { eventful: false, writes: noWrites }
    expect(await etcdPicture(facts({ ...quiet, faults: [] }), 'quiet')).toBeNull()
    expect(await etcdPicture(facts({ ...quiet, members: [lane('a1', 'only')] }), 'one')).toBeNull()
    expect(await etcdPicture(facts({ endedAt: 1_000 }), 'no time')).toBeNull()
  })

  it('draws a hostile name as text', async () => {
    const hostile = '<script>"x"</script>'
    const picture = drawn(await etcdPicture(facts({ members: [lane('a1', hostile), lane('b2', hostile)] }), hostile))
    expect(picture.elements.has('script')).toBe(false)
    expect(picture.texts).toContain(`${hostile} · a1`)
  })

  it('draws whatever comes out of a journal', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        const svg = await etcdPicture(folded(foldEtcd, records, { endedAt: 50_000 }), 'any')
        expect(svg === null || drawn(svg).title === 'etcd: any').toBe(true)
      }),
      { numRuns: 20 },
    )
  })
})
