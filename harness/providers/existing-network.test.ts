import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { FakeApi, type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { MissingCapability } from '../faults/fault.ts'
import { imageNamed } from '../images/request.ts'
import { KubeApiError } from '../kube/api.ts'
import { CommandNode } from '../nodes/command-node.ts'
import { existingImages, policyEnforcer } from './existing-network.ts'

let cluster: FakeCluster

beforeEach(() => {
  cluster = fakeCluster(() => 0)
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('policyEnforcer', () => {
  const asked = (...names: string[]) => {
    const api = new FakeApi()
    api.answers.set('/apis/apps/v1/daemonsets', { items: names.map((name) => ({ metadata: metadata(name) })) })
    return policyEnforcer(api, { name: 'existing' })
  }

  it('is a DaemonSet that is known to enforce', async () => {
    expect(await asked('kube-proxy', 'calico-node')).toBe('calico-node')
    expect(await asked('kube-proxy', 'kube-flannel-ds')).toBeNull()
  })

  it('is k3s itself, which has no DaemonSet for it', async () => {
    expect(await policyEnforcer(new FakeApi(), { name: 'k3s' })).toBe('k3s')
  })

  it('is nothing where the API does not say, and an error where that is not why', async () => {
    const api = new FakeApi()
    api.answers.set('/apis/apps/v1/daemonsets', new KubeApiError('forbidden', 403))
    expect(await policyEnforcer(api, { name: 'existing' })).toBeNull()
    api.answers.set('/apis/apps/v1/daemonsets', new TypeError('x'))
    await expect(policyEnforcer(api, { name: 'existing' })).rejects.toThrow(TypeError)
  })
})

describe('images of an existing cluster', () => {
  const images = (command?: string[]) => {
    const node = new CommandNode(
      { name: 'a', roles: ['worker'], ...(command !== undefined && { command }) },
      { journal: cluster.journal, boots: new Map() },
    )
    const run = { workDirectory: cluster.out, offline: true }
    return existingImages({ name: 'mine', run, journal: cluster.journal }, [node])
  }

  it('are pulled by its machines where nobody reaches those, or they have no containerd', async () => {
    expect(await images().load(imageNamed('busybox'))).toBe('docker.io/library/busybox:latest')
    expect(await images(['false']).load(imageNamed('ghcr.io/a/b:c'))).toBe('ghcr.io/a/b:c')
  })

  it('cannot be had where they are in no registry either', async () => {
    const own = { name: 'clusterproof/elector:v1', accepted: ['clusterproof/elector:v1'] }
    await expect(images().load(own)).rejects.toThrow(MissingCapability)
  })
})
