import { expect, it } from 'vitest'

import kind from '../../clusters/kind.ts'
import kubeadm from '../../clusters/kubeadm.ts'
import split from '../../clusters/split.ts'
import stackedHa from '../../clusters/stacked-ha.ts'
import { describeMachines, machineRole } from './machine-roles.ts'

const stacked = 'control plane with etcd'

it.each([
  ['kind', kind, '1 control plane + 2 workers', [stacked, 'worker', 'worker']],
  ['kubeadm', kubeadm, '1 control plane + 2 workers', [stacked, 'worker', 'worker']],
  ['stacked-ha', stackedHa, '3 control planes + 1 worker', [stacked, stacked, stacked, 'worker']],
  [
    'split',
    split,
    '3 etcd + 1 control plane + 2 workers',
    ['etcd alone', 'etcd alone', 'etcd alone', 'control plane without etcd', 'worker', 'worker'],
  ],
])('%s', (_, { nodes }, words, roles) => {
  expect(describeMachines(nodes)).toBe(words)
  expect(nodes.map((node) => machineRole(node, nodes))).toEqual(roles)
})
