import { describe, expect, it } from 'vitest'

import { type ClusterDefinitionInput, defineCluster } from '../topology.ts'
import { checkForeignFields } from './foreign-fields.ts'

const define = (changes: Partial<ClusterDefinitionInput>) =>
  defineCluster({ name: 'x', provider: 'kind', nodes: [{ name: 'cp', roles: ['control-plane'] }], ...changes })

const commanded = [{ name: 'cp', roles: ['control-plane' as const], command: ['ssh', 'cp'] }]

describe('checkForeignFields', () => {
  it.each<[string, Partial<ClusterDefinitionInput>, string]>([
    ['k3s.embeddedRegistry', { k3s: { embeddedRegistry: true } }, 'k3s'],
    ['k3s.registries', { provider: 'kubeadm', k3s: { registries: { mirrors: {} } } }, 'k3s'],
    ['k3s.serverArgs', { k3s: { serverArgs: { debug: 'true' } } }, 'k3s'],
    ['kubeadmPatches', { provider: 'k3s', kubeadmPatches: [{ kind: 'ClusterConfiguration' }] }, 'kind or kubeadm'],
    ['etcd.authority', { provider: 'k3s', etcd: { authority: { certificate: 'a', key: 'b' } } }, 'kubeadm'],
    ['identity.boot', { provider: 'k3s', identity: { boot: 'fallback-name' } }, 'kubeadm'],
    ['network.policy', { provider: 'existing', network: { policy: 'kube-router' } }, 'kind or kubeadm or k3s'],
    ['kubeconfig', { kubeconfig: '/k' }, 'existing'],
    ['nodes[].command', { nodes: commanded }, 'existing'],
  ])('refuses %s where the provider has no use for it', (field, changes, readers) => {
    const definition = define(changes)
    expect(() => checkForeignFields(definition)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 2,
        message: `x: ${field}: the provider ${definition.provider} does not have it`,
        hint: `Leave it out, or take the provider ${readers}.`,
      }),
    )
  })

  it.each<Partial<ClusterDefinitionInput>>([
    {},
    { provider: 'k3s', k3s: { embeddedRegistry: true, registries: {}, serverArgs: { debug: 'true' } } },
    { kubeadmPatches: [{ kind: 'ClusterConfiguration' }] },
    { provider: 'existing', kubeconfig: '/k', nodes: commanded },
  ])('is content with what the provider reads: %j', (changes) => {
    expect(() => checkForeignFields(define(changes))).not.toThrow()
  })
})
