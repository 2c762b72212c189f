import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../../fake-cluster.ts'
import { fakeLayout, FakeMember, listed } from '../../fake-etcd.ts'
import { EtcdError } from '../../probes/etcd-gateway.ts'
import type { RunResult } from '../../process.ts'
import { addLearner, promoteLearner, removeMember } from './etcd-members.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

interface Change {
  readonly action: string
  readonly body: { readonly ID?: string; readonly peerURLs?: string[]; readonly isLearner?: boolean }
}

/** A member through which others are added, promoted and removed, as etcd's gateway does it. */
class Gateway extends FakeMember {
  readonly changes: Change[] = []
  /** Decimal id of the next member. */
  nextId = '16'
  /** What it answers instead, one change after the other; it then does nothing. */
  refusals: string[] = []

  override async exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const result = await super.exec(command)
    const action = /\/v3\/cluster\/member\/(add|promote|remove)$/.exec(command.at(-1) ?? '')?.[1]
    if (action === undefined) return result
    const body: Change['body'] = JSON.parse(command[command.indexOf('--data') + 1] ?? '{}')
    this.changes.push({ action, body })
    const refusal = this.refusals.shift()
    if (refusal !== undefined) return { ...result, stdout: refusal }
    if (action === 'add') this.list = [...this.list, { ID: this.nextId, ...body }]
    return { ...result, stdout: '{"header":{}}\n200 ' }
  }
}

const notYet = '{"code":9,"message":"etcdserver: can only promote a learner member which is in sync with leader"}\n400 '
const hasIt = '{"code":9,"message":"etcdserver: can only promote a learner member"}\n400 '

let cluster: FakeCluster
let via: Gateway

beforeEach(() => {
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  via = new Gateway('etcd-1', ['etcd'], { id: '1' })
  via.list = [listed('1', 'etcd-1', 'c-etcd-1'), listed('2', 'etcd-2', 'c-etcd-2')]
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('addLearner', () => {
  it('adds one without a vote, and says who the others are: names and hosts', async () => {
    expect(await addLearner(fakeLayout, via, 'c-new')).toEqual({
      id: '10',
      learner: true,
      others: [
        { name: 'etcd-1', host: 'c-etcd-1' },
        { name: 'etcd-2', host: 'c-etcd-2' },
      ],
    })
    expect(via.changes).toEqual([{ action: 'add', body: { peerURLs: ['https://c-new:2380'], isLearner: true } }])
  })

  it('asks for what the majority has agreed on', async () => {
    await addLearner(fakeLayout, via, 'c-new')
    const lists = via.done.filter((command) => command.includes('/member/list'))
    expect(lists).toEqual([
      expect.stringContaining('"linearizable":true'),
      expect.stringContaining('"linearizable":true'),
    ])
  })

  it('fails with the words of etcd where it takes none', async () => {
    via.refusals = ['{"code":9,"message":"etcdserver: too many learner members in cluster"}\n400 ']
    await expect(addLearner(fakeLayout, via, 'c-new')).rejects.toMatchObject({
      name: 'EtcdError',
      message: 'etcd on etcd-1: member add: 400 etcdserver: too many learner members in cluster',
    })
    expect(via.changes).toHaveLength(1)
  })

  it('asks again while the members have not been connected for long enough', async () => {
    const unhealthy = '{"code":14,"message":"etcdserver: unhealthy cluster"}\n503 '
    via.refusals = [unhealthy, unhealthy]
    await expect(addLearner(fakeLayout, via, 'c-new')).resolves.toMatchObject({ learner: true })
    expect(via.changes).toHaveLength(3)
  })

  it('fails where the member that was added is not there', async () => {
    via.refusals = ['{"header":{}}\n200 ']
    await expect(addLearner(fakeLayout, via, 'c-new')).rejects.toThrow(
      new EtcdError('etcd added c-new, and does not list it', 0),
    )
  })
})

describe('promoteLearner', () => {
  it('asks until the learner has caught up', async () => {
    via.refusals = [notYet, notYet]
    await promoteLearner(fakeLayout, via, 'ff', cluster)
    expect(via.changes).toEqual(Array.from({ length: 3 }, () => ({ action: 'promote', body: { ID: '255' } })))
  })

  it('is done where the learner has its vote already, because the answer before was lost', async () => {
    via.refusals = ['\n000 Operation timed out after 2000 milliseconds', hasIt]
    await promoteLearner(fakeLayout, via, 'ff', cluster)
    expect(via.changes).toHaveLength(2)
  })

  it('gives up where it never catches up, and says why', async () => {
    via.refusals = Array.from({ length: 1_000 }, () => notYet)
    await expect(promoteLearner(fakeLayout, via, 'ff', cluster)).rejects.toThrow(
      /^member ff has a vote: not within 1 min[^]*in sync with leader/,
    )
  })
})

describe('removeMember', () => {
  it('takes out the member with that id, or the one whose peer URL has that host', async () => {
    await removeMember(fakeLayout, via, 'ff')
    await removeMember(fakeLayout, via, { host: 'c-etcd-2' })
    expect(via.changes).toEqual([
      { action: 'remove', body: { ID: '255' } },
      { action: 'remove', body: { ID: '2' } },
    ])
  })

  it('takes out nobody where there is no member with that host', async () => {
    await expect(removeMember(fakeLayout, via, { host: 'etcd-2' })).rejects.toThrow(
      new EtcdError('etcd has no member at https://etcd-2:2380', 0),
    )
    expect(via.changes).toEqual([])
  })
})

describe('ids', () => {
  const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n })

  it('are hexadecimal here and decimal there, all 64 bits of them', async () => {
    await fc.assert(
      fc.asyncProperty(id, async (number) => {
        via.changes.splice(0)
        await removeMember(fakeLayout, via, number.toString(16))
        expect(via.changes).toEqual([{ action: 'remove', body: { ID: number.toString() } }])
      }),
    )
  })

  it('of a member that was added are those that it is removed by', async () => {
    await fc.assert(
      fc.asyncProperty(id, async (number) => {
        via.list = []
        via.nextId = number.toString()
        const added = await addLearner(fakeLayout, via, 'c-new')
        expect(added.id).toBe(number.toString(16))
        await removeMember(fakeLayout, via, { host: 'c-new' })
        expect(via.changes.at(-1)).toEqual({ action: 'remove', body: { ID: number.toString() } })
      }),
    )
  })
})
