import { describe, expect, it } from 'vitest'

import { findNode, findNodes } from './cluster.ts'
import { ContainerNode } from './nodes/container-node.ts'

const controlPlane = new ContainerNode('cp', ['control-plane', 'etcd'])
const first = new ContainerNode('worker', ['worker'])
const second = new ContainerNode('worker2', ['worker'])
const cluster = { name: 'c', nodes: [controlPlane, first, second] }

describe('findNodes', () => {
  it('finds by role, and leaves one out', () => {
    expect(findNodes(cluster, { role: 'worker' })).toEqual([first, second])
    expect(findNodes(cluster, { role: 'worker', not: first })).toEqual([second])
    expect(findNodes(cluster, { role: 'etcd' })).toEqual([controlPlane])
    expect(findNodes(cluster, {})).toEqual(cluster.nodes)
  })
})

describe('findNode', () => {
  it('is the first of them, or an error that says what is missing', () => {
    expect(findNode(cluster, { role: 'worker' })).toBe(first)
    const one = { ...cluster, nodes: [controlPlane] }
    expect(() => findNode(one, { role: 'worker' })).toThrow(new RangeError('c has no node with "worker"'))
  })
})
