import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { ScriptedNode } from '../fake-etcd.ts'
import type { ExecOptions } from './node.ts'
import type { RunResult } from '../process.ts'
import { removeManifest, restoreManifest, stopStaticPod } from './static-pods.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

const processes = 'pgrep --full ^kube-scheduler '
const away = 'mv /etc/kubernetes/manifests/kube-scheduler.yaml /etc/kubernetes/'

/** A machine with a kubelet; it fails where a command does and its caller does not expect that. */
class KubeletNode extends ScriptedNode {
  /** Processes of the static pod, look by look; the last answer for ever. */
  processes = ['']

  override async exec(
    command: readonly [string, ...string[]],
    { reject = true }: ExecOptions = {},
  ): Promise<RunResult> {
    const result = await super.exec(command)
    if (reject && result.exitCode !== 0) throw new Error(result.stderr)
    if (command[0] !== 'pgrep') return result
    const [stdout = ''] = this.processes.length > 1 ? this.processes.splice(0, 1) : this.processes
    return { ...result, stdout, exitCode: stdout === '' ? 1 : 0 }
  }
}

let cluster: FakeCluster
let node: KubeletNode

beforeEach(() => {
  cluster = fakeCluster(() => time.now)
  node = new KubeletNode('cp', ['control-plane'])
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('a manifest', () => {
  it('goes where the kubelet does not look, and comes back', async () => {
    await removeManifest(node, 'kube-scheduler')
    await restoreManifest(node, 'kube-scheduler')
    expect(node.done).toEqual([away, 'mv /etc/kubernetes/kube-scheduler.yaml /etc/kubernetes/manifests/'])
  })

  it('cannot be taken away twice, but be put back where it was never taken', async () => {
    node.answers.set('mv', { stderr: 'mv: cannot stat', exitCode: 1 })
    await expect(removeManifest(node, 'kube-scheduler')).rejects.toThrow('mv: cannot stat')
    await expect(restoreManifest(node, 'kube-scheduler')).resolves.toBeUndefined()
  })
})

describe('stopStaticPod', () => {
  it('takes the manifest away first, and returns once no process of it is left', async () => {
    node.processes = ['4711\n4712\n', '4711\n', '4711\n', '']
    await stopStaticPod(cluster, node, 'kube-scheduler')
    expect(node.done).toEqual([away, processes, processes, processes, processes])
  })

  it('fails where the pod does not end within its grace, and says which process is left', async () => {
    node.processes = ['4711\n']
    await expect(stopStaticPod(cluster, node, 'kube-scheduler')).rejects.toThrow(
      /^kube-scheduler on cp has ended: not within 50 s[^]*"4711"/,
    )
  })
})
