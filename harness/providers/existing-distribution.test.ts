import { describe, expect, it } from 'vitest'

import { metadata } from '../fake-cluster.ts'
import type { Node } from '../kube/types.ts'
import { distributionOf } from './existing-distribution.ts'

const node = (kubeletVersion: string, osImage: string) =>
  // Of a Node's information only these two fields count.
  ({ metadata: metadata('a'), status: { nodeInfo: { kubeletVersion, osImage } } }) as unknown as Node

describe('distributionOf', () => {
  it.each([
    ['v1.34.1+k3s1', 'K3s v1.34.1+k3s1', { name: 'k3s', version: 'v1.34.1+k3s1' }],
    ['v1.33.2+rke2r1', 'SLE Micro', { name: 'rke2', version: 'v1.33.2+rke2r1' }],
    ['v1.32.0', 'Talos (v1.9.1)', { name: 'talos', version: 'v1.9.1' }],
    ['v1.34.4', 'Debian GNU/Linux 13 (trixie)', { name: 'existing', version: 'v1.34.4' }],
  ])('is read from a kubelet %s on %s', (kubelet, system, distribution) => {
    expect(distributionOf([{ metadata: metadata('new') }, node(kubelet, system)], 'v1.34.4')).toEqual(distribution)
  })
})
