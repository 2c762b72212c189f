import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { subjects } from '../images/subjects.ts'
import type { KubeObject } from '../kube/api.ts'
import type { Pod } from '../kube/types.ts'
import { installElector } from './elector.ts'

let cluster: FakeCluster
/** What there is, by its path, in the order in which it came. */
let objects: Map<string, KubeObject>
/** What was deleted, in order. */
let deleted: string[]

beforeEach(() => {
  cluster = fakeCluster(() => 0)
  objects = new Map()
  deleted = []
  vi.spyOn(cluster.api, 'apply').mockImplementation(async (path, object) => void objects.set(path, object))
  vi.spyOn(cluster.api, 'delete').mockImplementation(async (path) => {
    deleted.push(path)
    objects.delete(path)
  })
  cluster.api.answers.set('/api/v1/namespaces/elector/pods', { items: [] })
})
afterEach(() => cluster[Symbol.asyncDispose]())

const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/elector'
const daemonSet = '/apis/apps/v1/namespaces/elector/daemonsets/elector'
const kinds = () => [...objects.values()].map(({ kind }) => kind)

describe('installElector', () => {
  it('deploys it with the rights that an election takes and no more, on every machine', async () => {
    await using elector = await installElector(cluster)
    expect(cluster.loaded).toEqual([subjects.elector.image.name])
    expect(kinds()).toEqual(['Namespace', 'ServiceAccount', 'Role', 'RoleBinding', 'DaemonSet'])
    expect(objects.get(`${rbac}/roles/${elector.role}`)).toMatchObject({
      rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] }],
    })
    expect(objects.get(daemonSet)).toMatchObject({
      spec: {
        selector: { matchLabels: elector.labels },
        template: {
          metadata: { labels: elector.labels },
          spec: {
            serviceAccountName: elector.serviceAccount,
            tolerations: [{ operator: 'Exists' }],
            containers: [
              { name: elector.container, image: 'docker.io/clusterproof/elector:v1', imagePullPolicy: 'IfNotPresent' },
            ],
          },
        },
      },
    })
    expect(elector.startup.ms).toBe(30_000)
  })

  it.each([
    ['address', []],
    ['dns', ['--api-server=https://kubernetes.default.svc']],
  ] as const)('has it ask for the API server by %s', async (reaches, more) => {
    await using _ = await installElector(cluster, { reaches })
    expect(JSON.stringify(objects.get(daemonSet))).toContain(
      JSON.stringify(['--lock-namespace=elector', '--lock-name=elector', ...more]),
    )
  })

  it('knows a holder by its pod’s name', async () => {
    await using elector = await installElector(cluster)
    const pods: Pod[] = ['elector-1', 'elector-12'].map((name) => ({ metadata: metadata(name) }))
    expect(elector.podOf('elector-12', pods)?.metadata.name).toBe('elector-12')
    expect(elector.podOf('elector-2', pods)).toBeUndefined()
  })

  it('goes whole where it is disposed of, its lock too; the DaemonSet first, and its namespace stays', async () => {
    const elector = await installElector(cluster)
    await elector[Symbol.asyncDispose]()
    expect(kinds()).toEqual(['Namespace'])
    expect(deleted[0]).toBe(daemonSet)
    expect(deleted[1]).toBe('/apis/coordination.k8s.io/v1/namespaces/elector/leases/elector')
  })

  it('leaves nothing running where it could not be deployed', async () => {
    vi.mocked(cluster.api.apply).mockImplementation(async (path, object) => {
      if (object.kind === 'DaemonSet') throw new Error('the quota is used up')
      objects.set(path, object)
    })
    await expect(installElector(cluster)).rejects.toThrow('the quota is used up')
    expect(kinds()).toEqual(['Namespace'])
    expect(deleted).toContain(daemonSet)
  })
})
