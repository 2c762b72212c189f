import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import type { DaemonSet, Deployment, Node, Pod } from '../kube/types.ts'
import { ailments, daemonSetAilments, deploymentAilments, nodeAilments, podAilments } from './health.ts'

const node = (name: string, status: string, lastHeartbeatTime = '2026-01-01T00:00:10Z') => ({
  metadata: metadata(name),
  status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime }] },
})
const pod = (name: string, phase: string, ready = false): Pod => ({
  metadata: metadata(name),
  spec: { nodeName: 'a', containers: [] },
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

const boots = new Map(['a', 'b', 'c', 'd'].map((name) => [name, Date.UTC(2026, 0, 1, 0, 0, 5)]))

describe('nodeAilments', () => {
  // JSON has strings where the library's type says Date.
  const ailing = (...nodes: ReturnType<typeof node>[]) =>
    nodeAilments(['a', 'b'], nodes as unknown as readonly Node[], boots)

  it('are machines that are no Node, and Nodes that are not Ready', () => {
    expect(ailing(node('a', 'True'), node('b', 'False'))).toEqual(['node b is not Ready'])
    expect(ailing(node('b', 'Unknown'))).toEqual(['machine a is no Node', 'node b is not Ready'])
    expect(ailing(node('a', 'True'), node('b', 'True'), node('other', 'False'))).toEqual([])
  })

  it('are Nodes whose kubelet said Ready before the machine was last started', () => {
    expect(ailing(node('a', 'True', '2026-01-01T00:00:04Z'), node('b', 'True'))).toEqual([
      'node a has not reported since it was started',
    ])
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

describe('daemonSetAilments', () => {
  it('are DaemonSets that lack a pod, and those that nobody has counted yet, not those that want none', () => {
    const uncounted: DaemonSet = { metadata: metadata('new') }
    expect(daemonSetAilments([daemonSet('a', 3, 3), daemonSet('b', 3, 2), daemonSet('c', 0, 0), uncounted])).toEqual([
      'DaemonSet b has 2 of 3 Ready',
      'DaemonSet new has 0 of 0 Ready',
    ])
  })
})

describe('deploymentAilments', () => {
  const deployment = (replicas?: number): Deployment => ({
    metadata: metadata('coredns'),
    spec: {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      template: {},
    },
    // Its controller has not looked since it came back.
    status: { replicas: 2, readyReplicas: 2 },
  })
  const dns = (name: string, ready: boolean): Pod => {
    const one = pod(name, 'Running', ready)
    return { ...one, metadata: { ...one.metadata, labels: { 'k8s-app': 'kube-dns', hash: name } } }
  }

  it('are Deployments without their pods, whatever they say of themselves', () => {
    const ailing = (wanted: Deployment, ...pods: Pod[]) => deploymentAilments([wanted], pods, boots)
    expect(ailing(deployment(2), pod('other', 'Running', true))).toEqual(['Deployment coredns has 0 of 2 Ready'])
    expect(ailing(deployment(2), dns('a', true), dns('b', false))).toEqual(['Deployment coredns has 1 of 2 Ready'])
    expect(ailing(deployment(2), dns('a', true), dns('b', true), dns('c', true))).toEqual([])
    expect(ailing(deployment(0))).toEqual([])
    expect(ailing(deployment(), dns('a', true))).toEqual([])
  })
})

describe('ailments', () => {
  let cluster: FakeCluster

  beforeEach(() => {
    cluster = fakeCluster(() => 0)
  })
  afterEach(() => cluster[Symbol.asyncDispose]())

  it('is nothing where all is well', async () => {
    expect(await ailments(cluster)).toEqual([])
  })

  it('is everything that is not as it should be', async () => {
    const { answers } = cluster.api
    answers.set('/api/v1/nodes', { items: [node('fake-worker', 'False', '2026-01-01T12:00:00Z')] })
    answers.set('/api/v1/namespaces/kube-system/pods', { items: [pod('coredns', 'Pending')] })
    answers.set('/apis/apps/v1/daemonsets', { items: [daemonSet('kube-proxy', 1, 0)] })
    expect(await ailments(cluster)).toEqual([
      'machine fake-control-plane is no Node',
      'node fake-worker is not Ready',
      'pod coredns Pending',
      'DaemonSet kube-proxy has 0 of 1 Ready',
    ])
  })
})
