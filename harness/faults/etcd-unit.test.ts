import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, FakeNode } from '../fake-cluster.ts'
import type { RunResult } from '../process.ts'
import { etcdRestart, etcdStop } from './etcd-unit.ts'
import { MissingCapability, NoEvidence } from './fault.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

/** A machine whose etcd is a unit that systemd stops and starts. */
class UnitNode extends FakeNode {
  pid = 100
  /** How many looks at the unit it takes until a restart has given it another process. */
  restartsAfter = 2
  /** Whether it does as it is told. */
  obeys = true
  restarting = false

  constructor(name: string) {
    super(name, ['etcd'])
  }

  override async exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const result = await super.exec(command)
    const [, action] = command
    if (action === 'show') {
      if (this.restarting && --this.restartsAfter === 0) this.pid += 1
      const state = this.pid === 0 ? 'inactive' : 'active'
      return { ...result, stdout: `MainPID=${this.pid}\nActiveState=${state}\n` }
    }
    if (!this.obeys) return result
    if (action === 'stop') this.pid = 0
    if (action === 'start') this.pid = 200
    this.restarting ||= action === 'restart'
    return result
  }
}

let cluster: FakeCluster
let nodes: [UnitNode, UnitNode]

beforeEach(() => {
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  nodes = [new UnitNode('etcd-1'), new UnitNode('etcd-2')]
})
afterEach(() => cluster[Symbol.asyncDispose]())

const evidence = () => cluster.journal.records().find(({ kind }) => kind === 'struck')?.data
const told = (node: FakeNode) => node.done.filter((command) => !command.includes(' show '))

describe('etcd-stop', () => {
  it('stops etcd everywhere, and starts it again where it is healed', async () => {
    const fault = await etcdStop(cluster, nodes)
    expect(fault).toMatchObject({ name: 'etcd-stop', node: 'etcd-1, etcd-2' })
    expect(nodes.map(({ pid }) => pid)).toEqual([0, 0])
    const before = { pid: 100, state: 'active' }
    const after = { pid: 0, state: 'inactive' }
    expect(evidence()).toEqual({
      fault: 'etcd-stop',
      evidence: { before: [before, before], after: [after, after] },
    })
    await fault.heal()
    expect(nodes.map(({ pid }) => pid)).toEqual([200, 200])
    // Whether it comes back, and when, is what a scenario looks at.
    for (const node of nodes) expect(told(node)).toEqual(['systemctl stop etcd', 'systemctl start --no-block etcd'])
  })

  it('is no fault where etcd runs on, and names the machine', async () => {
    nodes[1].obeys = false
    await expect(etcdStop(cluster, nodes)).rejects.toThrow(
      new NoEvidence('etcd-stop: etcd did not run before, or runs on: etcd-2'),
    )
  })

  it('is no fault where etcd did not run before', async () => {
    nodes[0].pid = 0
    await expect(etcdStop(cluster, nodes)).rejects.toThrow(/or runs on: etcd-1$/)
  })
})

describe('etcd-restart', () => {
  it('returns once each has another process, and has nothing to heal', async () => {
    nodes[1].restartsAfter = 4
    const fault = await etcdRestart(cluster, nodes)
    expect(nodes.map(({ pid }) => pid)).toEqual([101, 101])
    expect(evidence()).toMatchObject({
      evidence: { before: [{ pid: 100 }, { pid: 100 }], after: [{ pid: 101 }, { pid: 101 }] },
    })
    await fault.heal()
    for (const node of nodes) expect(told(node)).toEqual(['systemctl restart --no-block etcd'])
  })

  it('is no fault where one of them keeps its process, and says what was seen last', async () => {
    nodes[1].obeys = false
    const attempt = etcdRestart(cluster, nodes)
    await expect(attempt).rejects.toThrow(NoEvidence)
    await expect(attempt).rejects.toThrow(
      /etcd has other processes on etcd-1, etcd-2: not within[^]*101 active, 100 active/,
    )
  })
})

describe.each([
  ['etcd-stop', etcdStop],
  ['etcd-restart', etcdRestart],
])('%s', (_, strike) => {
  it('needs an etcd that is a unit of its own', async () => {
    await using other = fakeCluster(() => time.now, ['node-access', 'etcd-access'])
    await expect(strike(other, nodes)).rejects.toThrow(MissingCapability)
    expect(nodes.flatMap(({ done }) => done)).toEqual([])
  })
})
