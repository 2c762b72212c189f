import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { applyManifest } from './apply-manifest.ts'

let cluster: FakeCluster
beforeEach(() => {
  cluster = fakeCluster(() => 0)
  const configMaps = { name: 'configmaps', kind: 'ConfigMap', namespaced: true }
  cluster.api.answers.set('/api/v1', { resources: [configMaps] })
  cluster.api.answers.set('/apis/apps/v1', {
    resources: [
      { name: 'daemonsets/status', kind: 'DaemonSet', namespaced: true },
      { name: 'daemonsets', kind: 'DaemonSet', namespaced: true },
    ],
  })
})
afterEach(() => cluster[Symbol.asyncDispose]())

it('applies each document at the path that the API has for its kind', async () => {
  const apply = vi.spyOn(cluster.api, 'apply').mockResolvedValue()
  await applyManifest(
    cluster.api,
    `# a comment
apiVersion: v1
kind: ConfigMap
metadata: { name: a, namespace: kube-system }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: b }
---
`,
  )
  expect(apply.mock.calls.map(([path]) => path)).toEqual([
    '/api/v1/namespaces/kube-system/configmaps/a',
    '/apis/apps/v1/namespaces/default/daemonsets/b',
  ])
})

it('says which kind the API lacks', async () => {
  const manifest = 'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\n'
  await expect(applyManifest(cluster.api, manifest)).rejects.toThrow('the API has no Secret in v1')
})
