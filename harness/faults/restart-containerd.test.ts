import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { ScriptedNode } from '../fake-etcd.ts'
import type { RunResult } from '../process.ts'
import { MissingCapability, NoEvidence } from './fault.ts'
import { restartContainerd } from './restart-containerd.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

/** A machine whose unit has these processes, look by look; the last one for ever. */
class Machine extends ScriptedNode {
  looks = ['100 active']

  override async exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const result = await super.exec(command)
    if (!command.includes('show')) return result
    const [pid, state] = ((this.looks.length > 1 ? this.looks.shift() : this.looks[0]) ?? '').split(' ')
    return { ...result, stdout: `MainPID=${pid}\nActiveState=${state}\n` }
  }
}

let cluster: FakeCluster
let node: Machine

beforeEach(() => {
  cluster = fakeCluster(() => time.now)
  node = new Machine('worker', ['worker'])
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('restartContainerd', () => {
  it('has struck once another process serves', async () => {
    node.looks = ['100 active', '100 deactivating', '0 activating', '200 activating', '200 active']
    const fault = await restartContainerd(cluster, node)
    expect(node.done).toContain('systemctl restart --no-block containerd')
    expect(cluster.journal.records().find(({ kind }) => kind === 'struck')?.data).toMatchObject({
      evidence: { before: { pid: 100 }, after: { pid: 200, state: 'active' } },
    })
    await fault.heal()
    expect(node.looks).toEqual(['200 active'])
  })

  it('is no fault where the process stays', async () => {
    await expect(restartContainerd(cluster, node)).rejects.toThrow(NoEvidence)
  })

  it('needs a unit of its own, and commands', async () => {
    node.looks = ['0 inactive']
    await expect(restartContainerd(cluster, node)).rejects.toThrow(
      new MissingCapability('containerd is no unit of its own on worker'),
    )
    expect(node.done.join()).not.toContain('restart')
    await using other = fakeCluster(() => 0, ['containers'])
    await expect(restartContainerd(other, node)).rejects.toThrow(MissingCapability)
  })
})
