import { describe, expect, it } from 'vitest'

import { openings } from './definition-openings.ts'
import { type ClusterDefinitionInput, defineCluster, definitionSchema } from './topology.ts'

const nodes = [{ name: 'cp', roles: ['control-plane' as const] }]
const define = (changes: Partial<ClusterDefinitionInput> = {}) =>
  defineCluster({ name: 'x', provider: 'kubeadm', nodes, ...changes })

describe('openings', () => {
  it('are none of a definition that says nothing of it: egress is closed', () => {
    for (const provider of ['kind', 'kubeadm', 'k3s'] as const) expect(openings(define({ provider }))).toEqual([])
    expect(define().network.egress).toBe('closed')
  })

  it.each<[Partial<ClusterDefinitionInput>, string]>([
    [{ network: { egress: 'open' } }, 'x: network.egress: its machines and pods reach whatever this machine reaches'],
    [{ nodeImage: 'own/node:1' }, 'x: nodeImage: privileged containers are made of own/node:1'],
    [
      { etcd: { authority: { certificate: '/pki/ca.crt', key: '/pki/ca.key' } } },
      'x: etcd.authority: its machines are given /pki/ca.key',
    ],
    [
      { provider: 'existing', kubeconfig: '/home/me/.kube/config' },
      'x: kubeconfig: scenarios break things in the cluster of /home/me/.kube/config',
    ],
    [
      {
        provider: 'existing',
        nodes: [
          { name: 'cp', roles: ['control-plane'], command: ['ssh', 'root@cp'] },
          {
            name: 'worker',
            roles: ['worker'],
            command: ['ssh', 'root@worker'],
            power: { on: ['ipmitool', 'on'], off: ['ssh', 'poweroff'], cut: ['ipmitool', 'off'] },
          },
        ],
      },
      'x: nodes[].command, nodes[].power: this machine runs ssh, ipmitool',
    ],
  ])('of %j are said', (changes, opening) => {
    expect(openings(define(changes))).toEqual([opening])
  })

  it('do not tell of the egress of a cluster that is there already: nobody closes it', () => {
    expect(openings(define({ provider: 'existing', network: { egress: 'open' } }))).toEqual([])
  })
})

/** What Docker, kind and Kubernetes call the ways to the host, and out. */
const ways = [
  'mounts',
  'extraMounts',
  'extraPortMappings',
  'volumes',
  'binds',
  'hostPath',
  'privileged',
  'ports',
  'devices',
  'env',
  'networkMode',
  'hostNetwork',
]

describe('a definition', () => {
  it.each(ways)('has no field %s, wherever it stands', (way) => {
    const value = [{ hostPath: '/', containerPath: '/host' }]
    const extraArgs = { extraArgs: {} }
    const whole = { name: 'x', provider: 'kubeadm', nodes }
    const authority = { certificate: 'a', key: 'b' }
    const power = { on: ['a'], off: ['a'], cut: ['a'] }
    const inside: Record<string, unknown>[] = [
      { [way]: value },
      { nodes: [{ ...nodes[0], [way]: value }] },
      { nodes: [{ ...nodes[0], power: { ...power, [way]: value } }] },
      { network: { [way]: value } },
      { objectives: { [way]: value } },
      { identity: { [way]: value } },
      { k3s: { [way]: value } },
      { etcd: { [way]: value } },
      { etcd: { authority: { ...authority, [way]: value } } },
      { components: { [way]: value } },
      ...['apiServer', 'controllerManager', 'scheduler', 'etcd'].map((component) => ({
        components: { [component]: { ...extraArgs, [way]: value } },
      })),
    ]
    for (const changes of inside) {
      const { error } = definitionSchema.safeParse({ ...whole, ...changes })
      expect(error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: [way] }])
    }
  })

  it.each([
    ['a new line', 'quota-backend-bytes', '1\nExecStartPre=/bin/sh -c id'],
    ['a NUL', 'v', '1\0'],
  ])('has no %s in the value of a flag', (_, flag, value) => {
    for (const component of ['apiServer', 'controllerManager', 'scheduler', 'etcd'] as const) {
      expect(() => define({ components: { [component]: { extraArgs: { [flag]: value } } } })).toThrow(
        'must have no control characters',
      )
    }
    expect(() => define({ provider: 'k3s', k3s: { serverArgs: { [flag]: value } } })).toThrow(
      'must have no control characters',
    )
  })

  it.each(['v 4', 'v=4', '', 'v\nw', '$(id)', "v'", 'v;id'])('has no flag named %j', (flag) => {
    expect(() => define({ components: { etcd: { extraArgs: { [flag]: '1' } } } })).toThrow('name of a flag')
    expect(() => define({ provider: 'k3s', k3s: { serverArgs: { [flag]: '1' } } })).toThrow('name of a flag')
  })
})
