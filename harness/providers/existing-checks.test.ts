import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { metadata } from '../fake-cluster.ts'
import { type ClusterDefinitionInput, defineCluster } from '../topology.ts'
import { checkExisting, requireNodes, requireVersion } from './existing-checks.ts'

const nodes: ClusterDefinitionInput['nodes'] = [
  { name: 'cp', roles: ['control-plane'] },
  { name: 'etcd-1', roles: ['etcd'] },
  { name: 'worker.example', roles: ['worker'] },
]
const define = (changes: Partial<ClusterDefinitionInput> = {}) =>
  defineCluster({ name: 'mine', provider: 'existing', nodes, ...changes })

const wrongUsage = (message: string | RegExp, hint: string) =>
  expect.objectContaining({
    name: 'UserError',
    exitCode: 2,
    message: expect.stringMatching(message),
    hint: expect.stringContaining(hint),
  })

describe('checkExisting', () => {
  function kubeconfig(text: string): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-existing-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = path.join(folder, 'kubeconfig')
    writeFileSync(file, text)
    return file
  }
  const sound = JSON.stringify({
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
    clusters: [{ name: 'here', cluster: { server: 'https://127.0.0.1:6443' } }],
    users: [{ name: 'me', user: { token: 'secret' } }],
  })

  it('is content with a kubeconfig alone: it asks no cluster', async () => {
    await expect(checkExisting(define({ kubeconfig: kubeconfig(sound) }))).resolves.toBeUndefined()
  })

  it('asks for a kubeconfig where there is none', async () => {
    await expect(checkExisting(define())).rejects.toThrow(
      wrongUsage('^mine: the provider existing needs the field kubeconfig$', 'whose current context is the cluster'),
    )
  })

  it.each([
    ['is not there', '/no/such/kubeconfig', 'ENOENT'],
    ['is none', kubeconfig, 'current-context'],
  ])('says which file it is that %s', async (_, given, why) => {
    const file = typeof given === 'string' ? given : given('{}')
    await expect(checkExisting(define({ kubeconfig: file }))).rejects.toThrow(
      wrongUsage(`^cannot use the kubeconfig ${file}: .*${why}`, 'kubectl config view'),
    )
  })

  it('refuses power that nobody could see the effect of', async () => {
    const power = { on: ['on'], off: ['off'], cut: ['cut'] }
    const blind = define({ kubeconfig: kubeconfig(sound), nodes: [{ name: 'cp', roles: ['control-plane'], power }] })
    await expect(checkExisting(blind)).rejects.toThrow(
      wrongUsage('^mine: node cp has power and no command', 'nodes[].command'),
    )
  })
})

describe('requireVersion', () => {
  it.each(['v1.34.4', 'v1.34.0+k3s1', 'v1.34.1-gke.100'])(
    'is content with a patch of the same minor: %s',
    (version) => {
      expect(() => requireVersion(define(), version)).not.toThrow()
    },
  )

  it('names both versions, and what to write', () => {
    expect(() => requireVersion(define(), 'v1.33.2+k3s1')).toThrow(
      wrongUsage(
        /^mine: the cluster runs Kubernetes v1\.33\.2\+k3s1, and the definition says "1\.34"$/,
        'kubernetes: "1.33"',
      ),
    )
    expect(() => requireVersion(define({ kubernetes: '1.3' }), 'v1.34.4')).toThrow('says "1.3"')
  })
})

describe('requireNodes', () => {
  const present = (...names: string[]) => names.map((name) => ({ metadata: metadata(name) }))

  it('is content where the machines are the Nodes; those of etcd alone may be', () => {
    expect(() => requireNodes(define(), present('worker.example', 'cp'))).not.toThrow()
    expect(() => requireNodes(define(), present('worker.example', 'etcd-1', 'cp'))).not.toThrow()
  })

  it('names what is missing on either side', () => {
    expect(() => requireNodes(define(), present('cp', 'worker', 'other'))).toThrow(
      wrongUsage(
        '^mine: the cluster has no Node worker.example; the definition does not have its Node worker, other$',
        'kubectl get nodes',
      ),
    )
    expect(() => requireNodes(define(), present('cp', 'worker.example', 'etcd-2'))).toThrow(
      /^mine: the definition does not have its Node etcd-2$/,
    )
  })
})
