import { describe, expect, it } from 'vitest'

import { podFacts } from './observe.ts'
import type { Pod } from './types.ts'

const created = { name: 'p', uid: 'u1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }

describe('podFacts', () => {
  it('are what a verdict is judged from', () => {
    const pod: Pod = {
      metadata: {
        ...created,
        deletionTimestamp: '2026-01-01T00:01:00Z',
        labels: { 'pod-template-generation': '3', app: 'x' },
        ownerReferences: [{ kind: 'DaemonSet', name: 'kube-proxy', uid: 'd1' }],
      },
      spec: { nodeName: 'worker', containers: [] },
      status: {
        phase: 'Failed',
        reason: 'Terminated',
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' },
        ],
      },
    }
    expect(podFacts(pod)).toEqual({
      uid: 'u1',
      node: 'worker',
      phase: 'Failed',
      reason: 'Terminated',
      ready: false,
      deleting: true,
      owner: 'DaemonSet/kube-proxy',
      ownerUid: 'd1',
      templateGeneration: '3',
      disruption: 'TerminationByKubelet',
    })
  })

  it('of a pod that nobody owns, that is nowhere and says nothing yet', () => {
    expect(podFacts({ metadata: created })).toEqual({
      uid: 'u1',
      node: null,
      phase: 'Unknown',
      reason: null,
      ready: false,
      deleting: false,
      owner: null,
      ownerUid: null,
      templateGeneration: null,
      disruption: null,
    })
  })

  it('name a disruption only where it takes place', () => {
    const conditions = [{ type: 'DisruptionTarget', status: 'False', reason: 'EvictionByEvictionAPI' }]
    expect(podFacts({ metadata: created, status: { conditions } }).disruption).toBeNull()
  })

  it('call a pod ready that is Ready and stays', () => {
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    expect(podFacts({ metadata: created, status }).ready).toBe(true)
    expect(podFacts({ metadata: { ...created, deletionTimestamp: 'soon' }, status })).toMatchObject({
      ready: false,
      deleting: true,
    })
  })
})
