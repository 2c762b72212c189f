import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { ScriptedNode } from '../fake-etcd.ts'
import type { RunResult } from '../process.ts'
import { MissingCapability, NoEvidence } from './fault.ts'
import { killProcess, processes } from './kill-process.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

/** A machine that runs these processes of a program, look by look; the last ones for ever. */
class Machine extends ScriptedNode {
  looks: (readonly string[])[] = [[]]

  override async exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const result = await super.exec(command)
    if (command[0] !== 'pgrep') return result
    const pids = (this.looks.length > 1 ? this.looks.shift() : this.looks[0]) ?? []
    const exitCode = result.exitCode === 0 && pids.length === 0 ? 1 : result.exitCode
    return { ...result, exitCode, stdout: pids.map((pid) => `${pid}\n`).join('') }
  }
}

let cluster: FakeCluster
let node: Machine

beforeEach(() => {
  time.now = 0
  cluster = fakeCluster(() => time.now)
  node = new Machine('cp', ['control-plane'])
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('killProcess', () => {
  it('has struck once every process of before is gone, whoever was started since', async () => {
    node.looks = [['10', '11'], ['11'], ['12']]
    const fault = await killProcess(cluster, node, 'kube-scheduler')
    expect(node.done.filter((command) => !command.startsWith('pgrep'))).toEqual(['kill -KILL 10 11'])
    expect(cluster.journal.records().find(({ kind }) => kind === 'struck')).toMatchObject({
      subject: 'node/cp',
      data: {
        fault: 'kill kube-scheduler',
        evidence: { signal: 'KILL', before: ['10', '11'], after: ['12'] },
      },
    })
    await fault.heal()
    expect(node.looks).toEqual([['12']])
  })

  it.each([
    ['KILL', 5],
    ['TERM', 30],
  ] as const)('is no fault where a process does not end of SIG%s within %i s', async (signal, seconds) => {
    node.looks = [['10']]
    await expect(killProcess(cluster, node, 'x', { signal })).rejects.toThrow(
      new RegExp(`^kill x: x has ended on cp: not within ${seconds} s`),
    )
    expect(node.done).toContain(`kill -${signal} 10`)
  })

  it('is no fault where the program does not run, and none can be told where nobody can look', async () => {
    await expect(killProcess(cluster, node, 'x')).rejects.toThrow(new NoEvidence('kill x: cp does not run it'))
    node.answers.set('pgrep', { exitCode: 127, stderr: 'pgrep: not found' })
    await expect(killProcess(cluster, node, 'x')).rejects.toThrow('cp cannot look for x: pgrep: not found')
    expect(node.done.join()).not.toContain('kill -')
  })

  it('needs machines that commands can be run on', async () => {
    await using other = fakeCluster(() => 0, ['containers'])
    await expect(killProcess(other, node, 'x')).rejects.toThrow(MissingCapability)
  })
})

it('a process is of a program where its command line begins with it, with or without the path', async () => {
  await processes(node, 'kube-scheduler')
  const pattern = new RegExp(node.done[0]?.replace('pgrep --full ', '') ?? '')
  for (const own of ['kube-scheduler', '/usr/bin/kube-scheduler --x', 'kube-scheduler -v=2'])
    expect(own).toMatch(pattern)
  for (const other of [
    'kube-scheduler-x',
    'sh -c kube-scheduler',
    'my-kube-scheduler',
    'pgrep --full kube-scheduler',
  ]) {
    expect(other).not.toMatch(pattern)
  }
})
