import { describe, expect, it } from 'vitest'

import { fakeCluster } from '../fake-cluster.ts'
import { MissingCapability } from '../faults/fault.ts'
import { registryConfig } from './registry-config.ts'
import { startRegistry } from './registry.ts'

describe('registryConfig', () => {
  it('is a cache of another registry only where one is named', () => {
    expect(JSON.parse(registryConfig())).not.toHaveProperty('proxy')
    expect(JSON.parse(registryConfig({ proxyOf: 'upstream.test:5000' }))).toMatchObject({
      proxy: { remoteurl: 'http://upstream.test:5000' },
      log: { formatter: 'json' },
    })
  })

  it('closes connections only where they are not to be kept', () => {
    expect(registryConfig()).not.toContain('Connection')
    expect(JSON.parse(registryConfig({ keepAlive: false }))).toMatchObject({
      http: { addr: ':80', headers: { Connection: ['close'] } },
    })
  })
})

describe('startRegistry', () => {
  it('asks for a network that a container can join', async () => {
    await using cluster = fakeCluster(() => 0)
    await expect(startRegistry({ ...cluster, network: null })).rejects.toThrow(MissingCapability)
  })
})
