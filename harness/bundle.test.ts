import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { bundle } from './bundle.ts'
import { fakeCluster } from './fake-cluster.ts'
import { findSecrets } from './secrets/find.ts'
import { sampleSecrets } from './secrets/sample-secrets.ts'

const samples = sampleSecrets()

function contents(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name)
      return [path.relative(directory, file), readFileSync(file, 'utf8')]
    }),
  )
}

describe('bundle', () => {
  it('has the objects of the cluster and the logs of each machine, and asks for no Secret', async () => {
    await using cluster = fakeCluster(() => 0)
    cluster.nodes[1].says = { stdout: '\n== kubelet.log\nStarted kubelet.service\n\n== etcd.log' }
    const directory = await bundle(cluster, 'recovery.power-cut', cluster.out)
    const files = contents(directory)
    expect(files.get('fake-worker/kubelet.log')).toBe('Started kubelet.service\n')
    expect(files.get('fake-worker/etcd.log')).toBe('\n')
    expect(files.get('fake-worker/kernel.log')).toMatch(/^could not be read: .*said nothing of it/)
    expect(cluster.nodes[1].done).toHaveLength(1)
    expect([...files.keys()]).toContain('nodes.json')
    expect([...files.keys()].filter((name) => /secret|configmap/i.test(name))).toEqual([])
    expect(cluster.nodes[1].done.filter((command) => /pki|admin\.conf|kubeconfig/.test(command))).toEqual([])
  })

  it('leaves out what is secret in them, wherever it stands', async () => {
    await using cluster = fakeCluster(() => 0)
    const [controlPlane, worker] = cluster.nodes
    const logs = samples.map(({ text }) => text).join('\n')
    controlPlane.says = { stdout: `\n== kubelet.log\n${logs}` }
    worker.says = new Error(`exit code 1: ${samples[0]?.text}`)
    const env = [
      { name: 'DB_PASSWORD', value: 'correct-horse' },
      { name: 'PORT', value: '8080' },
    ]
    cluster.api.answers.set('/api/v1/pods', { items: [{ spec: { containers: [{ name: 'app', env }] } }] })
    const files = contents(await bundle(cluster, 'recovery.power-cut', cluster.out))
    for (const [name, text] of files) expect({ name, found: findSecrets(text) }).toEqual({ name, found: [] })
    for (const { secret } of samples) expect(files.get('fake-control-plane/kubelet.log')).not.toContain(secret)
    expect(files.get('fake-control-plane/kubelet.log')).toContain('[private key left out]')
    expect(files.get('fake-worker/kubelet.log')).toContain('[private key left out]')
    expect(JSON.parse(files.get('pods.json') ?? '')).toEqual({
      items: [
        {
          spec: {
            containers: [
              {
                name: 'app',
                env: [
                  { name: 'DB_PASSWORD', value: '[password left out]' },
                  { name: 'PORT', value: '8080' },
                ],
              },
            ],
          },
        },
      ],
    })
  })
})
