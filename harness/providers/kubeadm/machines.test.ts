import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../../fake-cluster.ts'
import { ScriptedNode } from '../../fake-etcd.ts'
import { hostAddress } from '../../nodes/machine-network.ts'
import { bootModes, type ClusterDefinitionInput, defineCluster, type Role } from '../../topology.ts'
import { awaitBooted, machineFiles } from './machines.ts'
import { planCluster } from './plan.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

const network = { name: 'c', subnet: '10.9.0.0/24', address: (index: number) => hostAddress('10.9.0.0/24', 10 + index) }

const planned = (changes: Partial<ClusterDefinitionInput> = {}) => {
  const nodes: ClusterDefinitionInput['nodes'] = [
    { name: 'etcd', roles: ['etcd'] },
    { name: 'control-plane', roles: ['control-plane'] },
    { name: 'worker', roles: ['worker'] },
  ]
  const definition = defineCluster({ name: 'x', provider: 'kubeadm', nodes, ...changes })
  return planCluster('c', definition, network, { apiPort: 7443, token: 'abcdef.0123456789abcdef' })
}

describe('machineFiles', () => {
  const filesOf = (role: Role, changes: Partial<ClusterDefinitionInput> = {}) => {
    const plan = planned(changes)
    const machine = plan.machines.find(({ definition }) => definition.name === role)
    return machine === undefined ? [] : machineFiles(plan, machine)
  }
  const files = (role: Role, changes: Partial<ClusterDefinitionInput> = {}) =>
    new Map(filesOf(role, changes).map(({ path, content }) => [path, content]))
  const unit = (name: string) => `/etc/systemd/system/${name}`
  const egress = (requiredBy: string) => unit(`${requiredBy}.d/10-clusterproof-egress.service.conf`)
  const rules = '/etc/clusterproof/egress.nft'

  it('make a machine of etcd alone one by its roles, with the flags of the definition', () => {
    const etcd = files('etcd', { components: { etcd: { extraArgs: { 'snapshot-count': '7' } } } })
    expect(etcd.get(unit('etcd.service'))).toMatch(/^ExecStart=.*--name=c-etcd --snapshot-count=7$/m)
    expect(etcd.get(unit('kubelet.service'))).toBe('')
    for (const role of ['control-plane', 'worker'] as const) {
      expect([...files(role).keys()]).not.toContain(unit('etcd.service'))
      expect([...files(role).keys()]).not.toContain(unit('kubelet.service'))
    }
  })

  it('let nothing run before the egress is closed: no container, and no etcd where that is all there is', () => {
    expect(files('etcd').has(egress('etcd.service'))).toBe(true)
    // It is masked there: what it requires would never be started.
    expect(files('etcd').has(egress('containerd.service'))).toBe(false)
    for (const role of ['control-plane', 'worker'] as const) {
      expect(files(role).has(egress('containerd.service'))).toBe(true)
      expect(files(role).has(egress('etcd.service'))).toBe(false)
    }
  })

  it('leave the egress open where the definition asks for it', () => {
    for (const role of ['etcd', 'control-plane', 'worker'] as const) {
      const open = [...files(role, { network: { egress: 'open' } }).keys()]
      expect(open.filter((file) => file.includes('egress'))).toEqual([])
    }
  })

  it('let machines reach the metadata service where their names come from it, and only there', () => {
    for (const boot of bootModes) {
      const reaches = files('worker', { identity: { boot } }).get(rules)?.includes('169.254.169.254')
      expect(reaches).toBe(boot !== 'static')
    }
  })

  it('have what comes to the name by itself, as long as the definition has it wait', () => {
    const hostname = unit('clusterproof-hostname.service')
    for (const role of ['etcd', 'control-plane', 'worker'] as const) {
      expect(files(role).has(hostname)).toBe(false)
      const identity = { boot: 'fallback-name', fallbackAfter: '7s' } as const
      expect(files(role, { identity }).get(hostname)).toContain('HOSTNAME_MODE=fallback-name FALLBACK_AFTER_MS=7000')
    }
  })

  it('are each written once', () => {
    for (const boot of bootModes) {
      for (const role of ['etcd', 'control-plane', 'worker'] as const) {
        const paths = filesOf(role, { identity: { boot } }).map(({ path }) => path)
        expect(new Set(paths).size).toBe(paths.length)
      }
    }
  })
})

describe('awaitBooted', () => {
  let cluster: FakeCluster
  let node: ScriptedNode

  beforeEach(() => {
    time.now = 1_000
    cluster = fakeCluster(() => time.now)
    node = new ScriptedNode('c-worker', ['worker'])
  })
  afterEach(() => cluster[Symbol.asyncDispose]())

  const booted = (identity: ClusterDefinitionInput['identity'] = {}) =>
    awaitBooted(node, planned({ identity }), cluster)
  const note = (event: string, name: string) => JSON.stringify({ at: 1, event, name, detail: '' })
  const nothing = { stderr: 'cat: No such file or directory', exitCode: 1 }

  it('is the name that the machine had from the start', async () => {
    expect(await booted()).toBe('c-worker')
    expect(node.done[0]).toContain('until [ -S /run/containerd/containerd.sock ]')
  })

  it('looks on a machine without a container engine for the end of its boot', async () => {
    node = new ScriptedNode('c-etcd', ['etcd'])
    node.answers.set('containerd', { exitCode: 124 })
    expect(await booted()).toBe('c-etcd')
  })

  it('is the name that it booted under, and not one that came later', async () => {
    const log = [note('asking', ''), note('named', 'unnamed-7'), note('renamed', 'c-worker')].join('\n')
    node.answers.set('boot.log', { stdout: `${log}\n` })
    expect(await booted({ boot: 'fallback-name' })).toBe('unnamed-7')
  })

  it('is the one of the stamp where the log does not tell', async () => {
    node.answers.set('boot.log', nothing)
    node.answers.set('/run/clusterproof/hostname', { stdout: '{"at":1,"name":"c-known","source":"known"}' })
    expect(await booted({ boot: 'wait-for-metadata' })).toBe('c-known')
  })

  it('is not there while the machine has no name, however long it has been running', async () => {
    node.answers.set('boot.log', nothing)
    node.answers.set('/run/clusterproof/hostname', nothing)
    await expect(booted({ boot: 'fallback-name', metadataAfter: '30s' })).rejects.toThrow(
      /^c-worker has booted: not within 1 min 3 s\n[^]*no host name yet/,
    )
  })

  it('waits for the metadata service where the machine does, and for its init anyway', async () => {
    node.answers.set('containerd.sock', { exitCode: 124 })
    const waits = booted({ boot: 'wait-for-metadata', metadataAfter: '30s' })
    await expect(waits).rejects.toThrow(/^c-worker has booted: not within 1 min 30 s\n/)
    expect(node.done.every((command) => command.startsWith('timeout 4 sh -c until [ -S'))).toBe(true)
  })
})
