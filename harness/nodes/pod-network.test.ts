import { beforeEach, describe, expect, it } from 'vitest'

import { ScriptedNode } from '../fake-etcd.ts'
import { inPodNetwork } from './pod-network.ts'

let node: ScriptedNode

beforeEach(() => {
  node = new ScriptedNode('worker', ['worker'])
})

describe('inPodNetwork', () => {
  it('runs the command in the namespace that has the address', async () => {
    node.answers.set('sh 10.244.1.2', { stdout: '/var/run/netns/cni-1\n' })
    node.answers.set('nsenter --net=/var/run/netns/cni-1 curl', { stdout: 'OK' })
    const { stdout } = await inPodNetwork(node, '10.244.1.2', ['curl', 'http://10.96.0.1'])
    expect(stdout).toBe('OK')
    expect(node.done.at(-1)).toBe('nsenter --net=/var/run/netns/cni-1 curl http://10.96.0.1')
  })

  it('fails where no pod of the node has the address', async () => {
    await expect(inPodNetwork(node, '10.244.1.2', ['true'])).rejects.toThrow(
      'no pod on worker has the address 10.244.1.2: it is gone, or elsewhere',
    )
    expect(node.done).toHaveLength(1)
  })
})
