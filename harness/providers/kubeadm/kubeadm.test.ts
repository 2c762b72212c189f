import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { bootstrapToken, checkRoles, kubeadmProvider } from './kubeadm.ts'

type Roles = ClusterDefinitionInput['nodes'][number]['roles']

const define = (roles: readonly Roles[], changes: Partial<ClusterDefinitionInput> = {}) =>
  defineCluster({
    name: 'x',
    provider: 'kubeadm',
    nodes: roles.map((own, index) => ({ name: `n${index}`, roles: own })),
    ...changes,
  })

describe('checkRoles', () => {
  it.each<[readonly Roles[]]>([
    [[['control-plane']]],
    [[['control-plane', 'etcd'], ['worker']]],
    [[['control-plane', 'etcd', 'worker']]],
    [[['etcd'], ['etcd'], ['control-plane'], ['worker']]],
  ])('is content with %j', (roles) => {
    expect(() => checkRoles(define(roles))).not.toThrow()
  })

  it.each<[readonly Roles[]]>([
    [[['etcd'], ['control-plane', 'etcd']]],
    [[['control-plane'], ['worker', 'etcd'], ['etcd']]],
  ])('refuses %j: etcd is in two places, and the node is named', (roles) => {
    expect(() => checkRoles(define(roles))).toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 2,
        message: 'x: n1 has the role etcd beside others, and other nodes have it alone',
      }),
    )
  })
})

describe('the check before anything is started', () => {
  it.each(['load-balancer', 'metadata'])(
    'refuses a machine named %s: the provider has a container of that name',
    (name) => {
      const definition = defineCluster({ name: 'x', provider: 'kubeadm', nodes: [{ name, roles: ['control-plane'] }] })
      expect(() => checkRoles(definition)).toThrow(`x: no machine can be named ${name}`)
    },
  )

  it('finds mixed roles, and an authority that is not there', async () => {
    await expect(kubeadmProvider.check(define([['etcd'], ['control-plane', 'etcd']]))).rejects.toThrow(
      /has the role etcd/,
    )
    const authority = { certificate: '/nowhere/ca.crt', key: '/nowhere/ca.key' }
    await expect(kubeadmProvider.check(define([['etcd'], ['control-plane']], { etcd: { authority } }))).rejects.toThrow(
      'x: etcd.authority.certificate: cannot read /nowhere/ca.crt',
    )
  })

  it('finds a version that there is no node image of, unless the definition brings one', async () => {
    const roles: readonly Roles[] = [['control-plane']]
    await expect(kubeadmProvider.check(define(roles, { kubernetes: '1.99' }))).rejects.toMatchObject({ exitCode: 2 })
    await expect(
      kubeadmProvider.check(define(roles, { kubernetes: '1.99', nodeImage: 'own/node:1' })),
    ).resolves.toBeUndefined()
  })
})

describe('bootstrapToken', () => {
  it("has kubeadm's format, and is another one each time", () => {
    fc.assert(
      fc.property(fc.constant(null), () => {
        expect(bootstrapToken()).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/)
      }),
    )
    expect(new Set(Array.from({ length: 100 }, bootstrapToken)).size).toBe(100)
  })
})
