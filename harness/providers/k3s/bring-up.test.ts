import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'

import { fakeCluster, FakeNode } from '../../fake-cluster.ts'
import { readKubeconfig } from '../../kube/kubeconfig.ts'
import { onLoopback } from '../kubeconfigs.ts'
import { k3sVersion, readAdminKubeconfig } from './bring-up.ts'
import { loadBalancerConfig } from './load-balancer.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** As k3s writes it: docs.k3s.io/cluster-access. */
const k3sYaml = stringify({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    { name: 'default', cluster: { 'certificate-authority-data': base64('ca'), server: 'https://127.0.0.1:6443' } },
  ],
  contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
  'current-context': 'default',
  preferences: {},
  users: [{ name: 'default', user: { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') } }],
})

describe('the kubeconfig', () => {
  it("is the server's own, with the port of the host's loopback", async () => {
    await using cluster = fakeCluster(() => 0)
    const server = new FakeNode('k-server', ['control-plane'])
    server.says = { stdout: k3sYaml }
    const text = onLoopback(await readAdminKubeconfig(server, cluster), 40_123)
    expect(server.done).toEqual(['cat /etc/rancher/k3s/k3s.yaml'])

    const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-k3s-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = path.join(folder, 'kubeconfig')
    writeFileSync(file, text)
    expect(readKubeconfig(file)).toEqual({
      server: new URL('https://127.0.0.1:40123'),
      ca: Buffer.from('ca'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
      token: undefined,
    })
  })
})

describe('k3sVersion', () => {
  it('is the release, with its suffix', async () => {
    const server = new FakeNode('k-server', ['control-plane'])
    server.says = { stdout: 'k3s version v1.34.11+k3s1 (1a2b3c4d)\ngo version go1.24.9\n' }
    expect(await k3sVersion(server)).toBe('v1.34.11+k3s1')
  })
})

describe('loadBalancerConfig', () => {
  it('balances over the machines that have an API server', () => {
    const config = loadBalancerConfig([
      { name: 'k-a', address: '10.0.0.1', roles: ['control-plane'] },
      { name: 'k-e', address: '10.0.0.2', roles: ['etcd'] },
      { name: 'k-w', address: '10.0.0.3', roles: ['worker'] },
    ])
    expect(config.match(/^ {2}server .*$/gm)).toEqual(['  server k-a 10.0.0.1:6443 check check-ssl verify none'])
    expect(config).toContain('http-check expect rstatus ^(200|401)$')
  })
})
