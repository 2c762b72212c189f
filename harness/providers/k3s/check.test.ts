import { describe, expect, it } from 'vitest'

import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { checkK3s } from './check.ts'

const nodes = [{ name: 'server', roles: ['control-plane' as const] }]
const define = (changes: Partial<ClusterDefinitionInput> = {}) =>
  defineCluster({ name: 'x', provider: 'k3s', nodes, ...changes })

describe('checkK3s', () => {
  it.each<Partial<ClusterDefinitionInput>>([
    {},
    { kubernetes: '1.32' },
    { kubernetes: '1.99', nodeImage: 'own/k3s:1' },
    { nodes: [...nodes, { name: 'etcd', roles: ['etcd'] }], components: { etcd: { extraArgs: { v: '4' } } } },
    { nodes: [{ name: 'all', roles: ['control-plane', 'etcd', 'worker'] }] },
    { k3s: { serverArgs: { 'cluster-cidr': '10.50.0.0/16,fd00::/56', 'service-cidr': '10.51.0.0/16' } } },
    { k3s: { serverArgs: { 'tls-san': 'api.example', disable: 'coredns' } } },
  ])('is content with %j', async (changes) => {
    await expect(checkK3s(define(changes))).resolves.toBeUndefined()
  })

  it.each<[string, Partial<ClusterDefinitionInput>, string, RegExp]>([
    [
      'a version that no release is known of',
      { kubernetes: '1.99' },
      'no k3s release of Kubernetes "1.99" is known here',
      /1\.36, or name an image with nodeImage/,
    ],
    [
      'etcd on a worker',
      { nodes: [...nodes, { name: 'both', roles: ['etcd', 'worker'] }] },
      'x: k3s has no server with etcd that is a worker and no control plane: both',
      /etcd alone, or the role control-plane too/,
    ],
    [
      'flags of an etcd that is not there',
      { components: { etcd: { extraArgs: { v: '4' } } } },
      'x: components.etcd: this cluster has no etcd, its datastore is SQLite',
      /role etcd beside control-plane/,
    ],
    [
      'a flag that follows from the roles',
      { k3s: { serverArgs: { 'disable-etcd': 'true' } } },
      'x: k3s.serverArgs: disable-etcd is not free',
      /It follows from the nodes' roles/,
    ],
    [
      'a range of pods that would be a rule of the firewall',
      { k3s: { serverArgs: { 'cluster-cidr': '10.42.0.0/16 -j ACCEPT' } } },
      'x: k3s.serverArgs: cluster-cidr is no range of addresses: 10.42.0.0/16 -j ACCEPT',
      /Write it as 10\.42\.0\.0\/16/,
    ],
    [
      'a range of Services that is none',
      { k3s: { serverArgs: { 'service-cidr': '10.43.0.0' } } },
      'x: k3s.serverArgs: service-cidr is no range of addresses: 10.43.0.0',
      /Write it as/,
    ],
    [
      'a flag with its dashes',
      { k3s: { serverArgs: { '--debug': 'true' } } },
      'x: k3s.serverArgs: --debug is written without dashes',
      /Write debug\./,
    ],
  ])('refuses %s, and says what to do', async (_, changes, message, hint) => {
    await expect(checkK3s(define(changes))).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message,
      hint: expect.stringMatching(hint),
    })
  })
})
