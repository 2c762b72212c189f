import { expect, it } from 'vitest'

import { machineArguments } from './restore.ts'
import { machineFacts } from './snapshot.ts'

const inspected = (portBindings: object | null) =>
  JSON.stringify([
    {
      Id: 'abc',
      Config: { Image: 'clusterproof/node:v1.34.4', Hostname: 'c-cp' },
      HostConfig: { PortBindings: portBindings, Privileged: true },
      Mounts: [
        { Type: 'bind', Source: '/lib/modules', Destination: '/lib/modules' },
        { Type: 'volume', Name: 'f00', Destination: '/var' },
      ],
      NetworkSettings: { Networks: { c: { IPAMConfig: { IPv4Address: '172.18.0.12' }, IPAddress: '' } } },
    },
  ])

it('knows a stopped machine by its volume, its address and its port', () => {
  const machine = { image: 'clusterproof/node:v1.34.4', volume: 'f00', address: '172.18.0.12' }
  const published = inspected({ '6443/tcp': [{ HostIp: '127.0.0.1', HostPort: '40123' }] })
  expect(machineFacts(published, 'c')).toEqual({ ...machine, apiPort: 40_123 })
  expect(machineFacts(inspected({}), 'c')).toEqual({ ...machine, apiPort: null })
  expect(() => machineFacts(inspected(null), 'other')).toThrow('no volume or address for life on other')
})

it('makes the machine again with the name, the address and the volume that it had', () => {
  const machine = { name: 'c-cp', address: '172.18.0.12', image: 'clusterproof/snapshot:c-cp', apiPort: 40_123 }
  const made = machineArguments(machine, { network: 'c', volume: 'c-cp-var', label: 'clusterproof.run=x' })
  const command = made.join(' ')
  expect(command).toContain('--name c-cp --hostname c-cp --network c --ip 172.18.0.12 ')
  expect(command).toContain('--volume c-cp-var:/var ')
  expect(command).toContain('--publish 127.0.0.1:40123:6443 ')
  expect(command).toContain('--label clusterproof.run=x ')
  expect(made.at(-1)).toBe('clusterproof/snapshot:c-cp')
  const worker = machineArguments({ ...machine, apiPort: null }, { network: 'c', volume: 'v', label: 'l' })
  expect(worker).not.toContain('--publish')
})
