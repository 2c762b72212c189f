import { describe, expect, it } from 'vitest'

import { type ClusterDefinitionInput, defineCluster } from '../topology.ts'
import { clusterConstants } from './constants.ts'

const define = (changes: Partial<ClusterDefinitionInput> = {}) =>
  defineCluster({ name: 'x', provider: 'kind', nodes: [{ name: 'cp', roles: ['control-plane'] }], ...changes })

describe('clusterConstants', () => {
  it.each([
    ['1.31', 40_000],
    ['1.32', 50_000],
    ['1.34', 50_000],
  ])('has the node-monitor-grace-period of Kubernetes %s', (kubernetes, ms) => {
    expect(clusterConstants(define({ kubernetes }), {}).nodeMonitorGracePeriodMs).toBe(ms)
  })

  it('has the one that the definition sets', () => {
    const components = { controllerManager: { extraArgs: { 'node-monitor-grace-period': '1m20s' } } }
    expect(clusterConstants(define({ components }), {}).nodeMonitorGracePeriodMs).toBe(80_000)
  })

  it.each([
    [{ shutdownGracePeriod: '30s' }, 30_000],
    [{ shutdownGracePeriod: '0s' }, 0],
    [{ shutdownGracePeriod: '0' }, 0],
    [{}, 0],
  ])('has the shutdown grace of %o', (kubelet, ms) => {
    expect(clusterConstants(define(), kubelet).shutdownGracePeriodMs).toBe(ms)
  })
})
