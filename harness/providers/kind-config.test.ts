import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { type ClusterDefinitionInput, defineCluster } from '../topology.ts'
import { kindConfig, kindNodeNames, kindRole, kubeletConfiguration } from './kind-config.ts'

const patch = z.looseObject({ kind: z.string() })
const config = z.looseObject({
  networking: z.looseObject({}),
  kubeadmConfigPatches: z.array(z.string().transform((text) => patch.parse(parse(text)))),
  nodes: z.array(z.looseObject({ role: z.string() })),
})

const define = (changes: Partial<ClusterDefinitionInput> = {}) =>
  defineCluster({
    name: 'x',
    provider: 'kind',
    nodes: [
      { name: 'worker-1', roles: ['worker'] },
      { name: 'cp', roles: ['control-plane', 'etcd', 'worker'] },
      { name: 'worker-2', roles: ['worker'] },
    ],
    ...changes,
  })

const made = (
  changes: Partial<ClusterDefinitionInput> = {},
  mounts: { hostPath: string; containerPath: string }[] = [],
) => config.parse(parse(kindConfig({ definition: define(changes), mounts })))
const patches = (changes: Partial<ClusterDefinitionInput>, kind: string) =>
  made(changes).kubeadmConfigPatches.filter((own) => own.kind === kind)

describe('kindConfig', () => {
  it('is kind’s configuration file, with the nodes in the order of the definition', () => {
    expect(made()).toMatchObject({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      name: 'x',
      nodes: [{ role: 'worker' }, { role: 'control-plane' }, { role: 'worker' }],
    })
  })

  it('listens on the loopback only, on any port or the one that is asked for', () => {
    expect(made().networking).toEqual({ apiServerAddress: '127.0.0.1' })
    expect(made({ network: { apiPort: 7443 } }).networking).toEqual({
      apiServerAddress: '127.0.0.1',
      apiServerPort: 7443,
    })
  })

  it('mounts files into every node, read-only', () => {
    const mount = { hostPath: '/h', containerPath: '/c' }
    const { nodes } = made({}, [mount])
    expect(nodes.map((node) => node['extraMounts'])).toEqual(nodes.map(() => [{ ...mount, readOnly: true }]))
  })

  it('gives the kubelet Talos’ shutdown grace unless the definition says otherwise', () => {
    const grace = { kind: 'KubeletConfiguration', shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' }
    expect(patches({}, 'KubeletConfiguration')).toEqual([grace])
    expect(patches({ kubelet: { shutdownGracePeriod: '0s', maxPods: 20 } }, 'KubeletConfiguration')).toEqual([
      { ...grace, shutdownGracePeriod: '0s', maxPods: 20 },
    ])
    expect(kubeletConfiguration(define({ kubelet: { maxPods: 20 } }))).toMatchObject({
      maxPods: 20,
      shutdownGracePeriod: '30s',
    })
  })

  it('hands the definition’s own patches on as they stand, after everything else', () => {
    const own = { kind: 'InitConfiguration', nodeRegistration: { taints: [] } }
    expect(made({ kubeadmPatches: [own] }).kubeadmConfigPatches.at(-1)).toEqual(own)
  })

  it('says nothing of components that the definition leaves alone', () => {
    expect(patches({}, 'ClusterConfiguration')).toEqual([])
  })

  const components: ClusterDefinitionInput['components'] = {
    apiServer: { extraArgs: { v: '4' } },
    controllerManager: { extraArgs: { 'node-monitor-grace-period': '20s' } },
    scheduler: { extraArgs: { v: '2' } },
    etcd: { extraArgs: { 'snapshot-count': '100' } },
  }

  it('passes flags as a map to Kubernetes before 1.36, kubeadm’s v1beta3', () => {
    for (const kubernetes of ['1.32', '1.35']) {
      expect(patches({ components, kubernetes }, 'ClusterConfiguration')).toEqual([
        {
          kind: 'ClusterConfiguration',
          apiServer: { extraArgs: { 'runtime-config': '', v: '4' } },
          controllerManager: {
            extraArgs: { 'enable-hostpath-provisioner': 'true', 'node-monitor-grace-period': '20s' },
          },
          scheduler: { extraArgs: { v: '2' } },
          etcd: { local: { extraArgs: { 'snapshot-count': '100' } } },
        },
      ])
    }
  })

  it('passes flags as a list from 1.36 on, kubeadm’s v1beta4, and says kind’s own again', () => {
    expect(patches({ components, kubernetes: '1.36' }, 'ClusterConfiguration')).toEqual([
      {
        kind: 'ClusterConfiguration',
        apiServer: {
          extraArgs: [
            { name: 'runtime-config', value: '' },
            { name: 'v', value: '4' },
          ],
        },
        controllerManager: {
          extraArgs: [
            { name: 'enable-hostpath-provisioner', value: 'true' },
            { name: 'node-monitor-grace-period', value: '20s' },
          ],
        },
        scheduler: { extraArgs: [{ name: 'v', value: '2' }] },
        etcd: { local: { extraArgs: [{ name: 'snapshot-count', value: '100' }] } },
      },
    ])
  })

  it('lets the definition’s flag go over kind’s', () => {
    const own = { apiServer: { extraArgs: { 'runtime-config': 'api/all=true' } } }
    expect(patches({ components: own }, 'ClusterConfiguration')).toMatchObject([own])
  })
})

describe('kindNodeNames', () => {
  it('are kind’s: counted by role, the first without a number', () => {
    const roles = [['worker'], ['control-plane'], ['worker', 'control-plane'], ['worker'], ['worker']] as const
    const nodes = roles.map((own, index) => ({ name: `n${index}`, roles: own, after: [] }))
    expect(kindNodeNames('c', nodes)).toEqual([
      'c-worker',
      'c-control-plane',
      'c-control-plane2',
      'c-worker2',
      'c-worker3',
    ])
  })
})

describe('kindRole', () => {
  it('is control-plane for a node that has it among its roles', () => {
    expect(kindRole({ name: 'a', roles: ['etcd', 'control-plane'], after: [] })).toBe('control-plane')
    expect(kindRole({ name: 'a', roles: ['worker'], after: [] })).toBe('worker')
  })
})
