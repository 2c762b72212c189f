import { createServer } from 'node:net'

import { describe, expect, it, onTestFinished } from 'vitest'

import type { Run } from '../process.ts'
import { defineCluster } from '../topology.ts'
import { checkKind, checkName, checkPort, checkSupported } from './kind-checks.ts'

describe('checkSupported', () => {
  it('refuses a node of etcd alone, by its name', () => {
    const definition = defineCluster({
      name: 'split',
      provider: 'kind',
      nodes: [
        { name: 'cp', roles: ['control-plane'] },
        { name: 'etcd-1', roles: ['etcd'] },
      ],
    })
    expect(() => checkSupported(definition)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 2,
        message: 'split: kind cannot make the etcd-only node etcd-1',
        hint: expect.stringContaining('control-plane'),
      }),
    )
  })

  it('is content with etcd on a control plane', () => {
    const nodes = [
      { name: 'cp', roles: ['control-plane', 'etcd'] as const },
      { name: 'a', roles: ['worker'] as const },
    ]
    expect(() => checkSupported(defineCluster({ name: 'x', provider: 'kind', nodes }))).not.toThrow()
  })
})

describe('checkKind', () => {
  const nodes = [{ name: 'cp', roles: ['control-plane'] as const }]

  it('refuses a Kubernetes version that there is no node image of, unless the definition brings one', async () => {
    const definition = defineCluster({ name: 'x', provider: 'kind', kubernetes: '1.99', nodes })
    await expect(checkKind(definition)).rejects.toMatchObject({ name: 'UserError', exitCode: 2 })
    await expect(checkKind({ ...definition, nodeImage: 'own/node:1' })).resolves.toBeUndefined()
  })
})

describe('checkName', () => {
  const clusters: Run = () => Promise.resolve({ stdout: 'one\ntwo', stderr: '', exitCode: 0, durationMs: 1 })

  it('refuses the name of a cluster that there is, and no other', async () => {
    await expect(checkName('two', 'kind', clusters)).rejects.toMatchObject({
      exitCode: 2,
      message: 'kind has a cluster named two already',
    })
    await expect(checkName('tw', 'kind', clusters)).resolves.toBeUndefined()
  })
})

describe('checkPort', () => {
  /** A port that something listens on, and how to free it. */
  async function takenPort(): Promise<{ port: number; free: () => Promise<void> }> {
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('it listens on no TCP port')
    return { port: address.port, free: () => new Promise((resolve) => void server.close(() => resolve())) }
  }

  it('refuses a port that is taken, and says how to find who has it', async () => {
    const { port } = await takenPort()
    await expect(checkPort(port)).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message: `network.apiPort: port ${port} on 127.0.0.1 is taken`,
      hint: expect.stringContaining(`ss -ltnp 'sport = :${port}'`),
      cause: { code: 'EADDRINUSE' },
    })
  })

  it('leaves a free port free', async () => {
    const { port, free } = await takenPort()
    await free()
    await checkPort(port)
    await expect(checkPort(port)).resolves.toBeUndefined()
  })
})
