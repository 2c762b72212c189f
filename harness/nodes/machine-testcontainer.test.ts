import { describe, expect, it } from 'vitest'

import type { MachineOptions } from './machine-container.ts'
import { MachineContainer } from './machine-testcontainer.ts'

/** What the engine is asked for. */
class Asked extends MachineContainer {
  get host() {
    return this.hostConfig
  }

  get network() {
    return this.networkMode
  }
}

const machine = (options: Partial<MachineOptions> = {}) =>
  new Asked({ id: 'abcd1234' }, { name: 'x-cp', image: 'own/node:1', network: 'x', ...options })

describe('MachineContainer', () => {
  it('publishes its ports on the loopback alone: a cluster can be reached from its own host and from nowhere else', () => {
    expect(machine({ ports: { 6443: 7443, 80: 0 } }).host.PortBindings).toEqual({
      '6443/tcp': [{ HostIp: '127.0.0.1', HostPort: '7443' }],
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }],
    })
    expect(machine().host.PortBindings).toEqual({})
    expect(machine({ ports: { 6443: 7443 } }).host.PublishAllPorts ?? false).toBe(false)
  })

  it('has nothing of the host but its kernel modules, which it can only read', () => {
    expect(machine().host.Binds).toEqual(['/lib/modules:/lib/modules:ro'])
    expect(machine({ privileged: false }).host.Binds ?? []).toEqual([])
    for (const { Type, Source } of machine({ volumes: ['/var', '/data'] }).host.Mounts ?? []) {
      expect({ Type, Source }).toEqual({ Type: 'volume', Source: '' })
    }
  })

  it('is on the network of its cluster, not on the host’s', () => {
    expect(machine().network).toBe('x')
  })
})
