import { describe, expect, it } from 'vitest'

import { conditionTrue, describePod, type Pod, podReady } from './types.ts'

const metadata = { name: 'kube-proxy-x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
const ready = [{ type: 'Ready', status: 'True' }]

describe('conditionTrue', () => {
  it('is true of a condition of that type with the status True', () => {
    const status = {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Initialized', status: 'Unknown' },
      ],
    }
    expect(conditionTrue({ status }, 'Ready')).toBe(true)
    expect(conditionTrue({ status }, 'Initialized')).toBe(false)
    expect(conditionTrue({ status }, 'ContainersReady')).toBe(false)
    expect(conditionTrue({}, 'Ready')).toBe(false)
  })
})

describe('podReady', () => {
  it('is a pod that is Ready and not on its way out', () => {
    const pod: Pod = { metadata, status: { conditions: ready } }
    expect(podReady(pod)).toBe(true)
    expect(podReady({ ...pod, metadata: { ...metadata, deletionTimestamp: 'soon' } })).toBe(false)
    expect(podReady({ metadata })).toBe(false)
  })
})

describe('describePod', () => {
  it.each([
    [{ phase: 'Running', conditions: ready }, 'kube-proxy-x Running ready'],
    [{ phase: 'Failed', reason: 'NodeShutdown' }, 'kube-proxy-x Failed/NodeShutdown'],
    [undefined, 'kube-proxy-x Unknown'],
  ])('of %o', (status, text) => {
    expect(describePod(status === undefined ? { metadata } : { metadata, status })).toBe(text)
  })

  it('says what a container waits for', () => {
    const container = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0 }
    const waiting = { waiting: { reason: 'ImagePullBackOff' } }
    const status = {
      phase: 'Pending',
      containerStatuses: [
        { ...container, state: {} },
        { ...container, state: waiting },
      ],
    }
    expect(describePod({ metadata, status })).toBe('kube-proxy-x Pending (ImagePullBackOff)')
  })
})
