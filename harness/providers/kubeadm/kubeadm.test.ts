import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { bootstrapToken, checkEtcdFlags, checkRoles, kubeadmProvider } from './kubeadm.ts'

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

describe('checkEtcdFlags', () => {
  const split: readonly Roles[] = [['etcd'], ['control-plane']]
  const withFlag = (roles: readonly Roles[], value: string) =>
    define(roles, { components: { etcd: { extraArgs: { 'listen-metrics-urls': value } } } })

  it.each(['http://127.0.0.1:2381,http://10.0.0.1:2381', '8589934592', '1s', 'TLS_AES_128_GCM_SHA256', 'a=true', ''])(
    'is content with %j',
    (value) => {
      expect(() => checkEtcdFlags(withFlag(split, value))).not.toThrow()
    },
  )

  it.each(["'; id; '", '$(id)', '`id`', 'a b', '"', '%h', '\\', '*', 'a;b', 'a|b', 'a&b', '~', '#'])(
    'refuses %j, which a shell or systemd would read more into',
    async (value) => {
      expect(() => checkEtcdFlags(withFlag(split, value))).toThrow(
        `x: components.etcd.extraArgs.listen-metrics-urls: ${JSON.stringify(value)} is not plain`,
      )
      await expect(kubeadmProvider.check(withFlag(split, value))).rejects.toMatchObject({ exitCode: 2 })
    },
  )

  it('lets kubeadm write what it likes of an etcd on a control plane: there it is a word of a manifest', () => {
    expect(() => checkEtcdFlags(withFlag([['control-plane', 'etcd']], '$(id)'))).not.toThrow()
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
