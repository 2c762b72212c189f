import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { ScriptedNode } from '../fake-etcd.ts'
import type { ExecOptions } from '../nodes/node.ts'
import type { RunResult } from '../process.ts'
import { MissingCapability, NoEvidence } from './fault.ts'
import { partition, partitionRules } from './partition.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

/** A machine that knows the addresses of others and keeps the rules that it is given. */
class FilteringNode extends ScriptedNode {
  rules: string | null = null
  /** What its counters say, look by look; the last one for ever. */
  packets = [0]

  override async exec(command: readonly [string, ...string[]], { input }: ExecOptions = {}): Promise<RunResult> {
    const result = await super.exec(command)
    const text = command.join(' ')
    if (text === 'nft -f -') this.rules = input ?? ''
    if (text === 'nft delete table inet clusterproof-partition') this.rules = null
    if (!text.startsWith('nft list table inet clusterproof-partition')) return result
    const count = this.packets.length > 1 ? this.packets.shift() : this.packets[0]
    const rule = (packets: number) => `ip saddr { 10.0.0.2 } counter packets ${packets} bytes ${packets * 60} drop`
    return { ...result, stdout: [rule(0), rule(count ?? 0), rule(count ?? 0)].join('\n') }
  }
}

let cluster: FakeCluster
let node: FilteringNode
const others = [new ScriptedNode('etcd-2', ['etcd']), new ScriptedNode('etcd-3', ['etcd'])]

beforeEach(() => {
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  node = new FilteringNode('etcd-1', ['etcd'])
  node.answers.set('getent ahostsv4 etcd-2', { stdout: '10.0.0.2 STREAM etcd-2\n10.0.0.2 DGRAM\n' })
  node.answers.set('getent ahostsv4 etcd-3', { stdout: '10.0.0.3 STREAM etcd-3\n' })
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('partitionRules', () => {
  const rules = partitionRules(['10.0.0.2', '10.0.0.3'])
  const chains = new Map(
    [...rules.matchAll(/chain (\w+) \{\n([^]*?)\n {2}\}/g)].map(([, hook = '', body = '']) => [
      hook,
      body.trim().split(/\n\s+/),
    ]),
  )

  it('drop, in a table of their own, what comes in from the others and what goes out to them', () => {
    expect(rules.startsWith('table inet clusterproof-partition {\n')).toBe(true)
    expect(chains.get('input')?.slice(1)).toEqual(['ip saddr { 10.0.0.2, 10.0.0.3 } counter drop'])
    expect(chains.get('output')?.slice(1)).toEqual(['ip daddr { 10.0.0.2, 10.0.0.3 } counter drop'])
  })

  it('drop what pods say to the others and hear from them, too', () => {
    expect(chains.get('forward')?.slice(1)).toEqual([
      'ip saddr { 10.0.0.2, 10.0.0.3 } counter drop',
      'ip daddr { 10.0.0.2, 10.0.0.3 } counter drop',
    ])
  })

  it('come before those that close the egress, and let everything else pass', () => {
    expect([...chains.keys()]).toEqual(['input', 'output', 'forward'])
    for (const [hook, [first]] of chains) expect(first).toBe(`type filter hook ${hook} priority -20; policy accept;`)
  })
})

describe('partition', () => {
  it('counts as struck once a packet was dropped, and its rules go where it is healed', async () => {
    node.packets = [0, 0, 4]
    const fault = await partition(cluster, node, others)
    expect(node.rules).toBe(partitionRules(['10.0.0.2', '10.0.0.3']))
    expect(cluster.journal.records().find(({ kind }) => kind === 'struck')?.data).toMatchObject({
      evidence: { from: ['etcd-2', 'etcd-3'], dropped: 8 },
    })
    await fault.heal()
    expect(node.rules).toBeNull()
  })

  it('is no fault where nothing is dropped, and leaves no rules behind', async () => {
    await expect(partition(cluster, node, others)).rejects.toThrow(
      expect.objectContaining({
        name: 'NoEvidence',
        message: expect.stringMatching(/^partition: etcd-1 loses packets: not within 10 s/),
      }),
    )
    expect(node.rules).toBeNull()
    expect(cluster.faults).toMatchObject([{ healedAt: null }])
    expect(cluster.journal.records().some(({ kind }) => kind === 'struck')).toBe(false)
  })

  it('cuts off nothing where the address of one of the others is not known', async () => {
    node.answers.set('getent ahostsv4 etcd-3', { stdout: '', exitCode: 2 })
    await expect(partition(cluster, node, others)).rejects.toThrow('etcd-1 knows no address of etcd-3')
    await expect(partition(cluster, node, others)).rejects.not.toThrow(NoEvidence)
    expect(node.done.filter((command) => command.startsWith('nft'))).toEqual([])
  })

  it('needs machines that commands can be run on', async () => {
    await using other = fakeCluster(() => time.now, ['etcd-access'])
    await expect(partition(other, node, others)).rejects.toThrow(MissingCapability)
    expect(node.done).toEqual([])
  })
})
