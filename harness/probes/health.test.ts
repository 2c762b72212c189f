import { describe, expect, it } from 'vitest'

import { KubeApi } from '../kube/api.ts'
import type { DaemonSet, Node, Pod } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { ailments, daemonSetAilments, nodeAilments, podAilments } from './health.ts'

const metadata = (name: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
})
/** A node whose kubelet reported in the first minute of the year; the machines started with the year. */
const node = (name: string, status: string): Node =>
  // JSON has a string where the library's type says Date.
  ({
    metadata: metadata(name),
    status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime: '2026-01-01T00:01:00Z' }] },
  }) as unknown as Node
const boots = new Map(['a', 'b', 'c'].map((name) => [name, Date.UTC(2026, 0, 1)]))
const pod = (name: string, phase: string, ready = false): Pod => ({
  metadata: metadata(name),
  status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})
const daemonSet = (name: string, desired: number, ready: number): DaemonSet => ({
  metadata: metadata(name),
  status: {
    desiredNumberScheduled: desired,
    numberReady: ready,
    currentNumberScheduled: desired,
    numberMisscheduled: 0,
  },
})

describe('nodeAilments', () => {
  it('are machines that are no Node, and Nodes that are not Ready', () => {
    const nodes = [node('a', 'True'), node('b', 'False'), node('c', 'Unknown')]
    expect(nodeAilments(['a', 'b', 'c', 'd'], nodes, boots)).toEqual([
      'node b is not Ready',
      'node c is not Ready',
      'machine d is no Node',
    ])
    expect(nodeAilments(['a'], nodes, boots)).toEqual([])
  })

  it('are machines whose kubelet has said nothing since they were started', () => {
    const restarted = new Map([['a', Date.UTC(2026, 0, 1, 0, 2)]])
    expect(nodeAilments(['a'], [node('a', 'True')], restarted)).toEqual(['node a has not reported since it was started'])
    expect(nodeAilments(['a'], [node('a', 'True')], new Map())).toEqual(['node a has not reported since it was started'])
  })
})

describe('podAilments', () => {
  it('are pods that should run and are not Ready, not those that ended', () => {
    const pods = [
      pod('a', 'Running', true),
      pod('b', 'Running'),
      pod('c', 'Pending'),
      pod('d', 'Failed'),
      pod('e', 'Succeeded'),
    ]
    expect(podAilments(pods, boots)).toEqual(['pod b Running', 'pod c Pending'])
  })

  it('are pods on their way out too', () => {
    const leaving = pod('a', 'Running', true)
    leaving.metadata.deletionTimestamp = '2026-01-01T00:01:00Z'
    expect(podAilments([leaving], boots)).toEqual(['pod a Running'])
  })
})

describe('podAilments after a restart of the machine', () => {
  it('are pods whose containers were started before it', () => {
    const running: Pod = pod('a', 'Running', true)
    running.spec = { nodeName: 'a', containers: [] }
    const started = (startedAt: string) => {
      const status = [{ name: 'c', image: '', imageID: '', ready: true, restartCount: 0, state: { running: { startedAt } } }]
      // JSON has a string where the library's type says Date.
      return { ...running, status: { ...running.status, containerStatuses: status } } as unknown as Pod
    }
    expect(podAilments([started('2025-12-31T23:59:59Z')], boots)).toEqual(['pod a Running ready'])
    expect(podAilments([started('2026-01-01T00:00:01Z')], boots)).toEqual([])
  })
})

describe('daemonSetAilments', () => {
  it('are DaemonSets that lack a pod, and those that nobody has counted yet', () => {
    const uncounted: DaemonSet = { metadata: metadata('new') }
    expect(daemonSetAilments([daemonSet('a', 3, 3), daemonSet('b', 3, 2), daemonSet('c', 0, 0), uncounted])).toEqual([
      'DaemonSet b has 2 of 3 Ready',
      'DaemonSet c has 0 of 0 Ready',
      'DaemonSet new has 0 of 0 Ready',
    ])
  })
})

describe('ailments', () => {
  class FakeApi extends KubeApi {
    readonly answers: Record<string, unknown>

    constructor(answers: Record<string, unknown>) {
      super({ server: new URL('https://nowhere'), ca: undefined, cert: undefined, key: undefined, token: undefined })
      this.answers = answers
    }

    override get<T>(path: string): Promise<T> {
      const items = this.answers[path.split('?')[0] ?? '']
      // The answers stand beside each test, so that they are of the type that is asked for.
      return items === undefined
        ? Promise.reject(new Error(`nobody asks for ${path}`))
        : Promise.resolve({ items } as T)
    }
  }

  const machine: Pick<ClusterNode, 'name'> = { name: 'a' }
  // Of a machine, only its name is asked for.
  const nodes = [machine as ClusterNode]

  it('is everything that is not as it should be', async () => {
    const api = new FakeApi({
      '/api/v1/nodes': [node('a', 'False')],
      '/api/v1/namespaces/kube-system/pods': [pod('coredns', 'Pending')],
      '/apis/apps/v1/daemonsets': [daemonSet('kube-proxy', 1, 0)],
    })
    expect(await ailments({ api, nodes, boots })).toEqual([
      'node a is not Ready',
      'pod coredns Pending',
      'DaemonSet kube-proxy has 0 of 1 Ready',
    ])
  })

  it('is nothing where all is well', async () => {
    const api = new FakeApi({
      '/api/v1/nodes': [node('a', 'True')],
      '/api/v1/namespaces/kube-system/pods': [pod('coredns', 'Running', true)],
      '/apis/apps/v1/daemonsets': [daemonSet('kube-proxy', 1, 1)],
    })
    expect(await ailments({ api, nodes, boots })).toEqual([])
  })
})
