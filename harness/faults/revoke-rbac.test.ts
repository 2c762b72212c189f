import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { NoEvidence } from './fault.ts'
import { revokeRbac } from './revoke-rbac.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/x'
const may = { verb: 'get', group: 'coordination.k8s.io', resource: 'leases' }
const rights = { namespace: 'x', serviceAccount: 'spegel', may }
const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { ...metadata('spegel'), namespace: 'x', labels: { a: 'b' } },
  roleRef: { kind: 'Role', name: 'spegel' },
}

let cluster: FakeCluster
let changes: unknown[]
let reviews: unknown[]
/** How many reviews still allow it after a change. */
let lag: number

beforeEach(() => {
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  changes = []
  reviews = []
  lag = 1
  const { api } = cluster
  api.answers.set(`${rbac}/rolebindings/spegel`, binding)
  api.answers.set(`${rbac}/roles/spegel`, { rules: [{ verbs: ['get'] }] })
  vi.spyOn(api, 'delete').mockImplementation(async (url) => void changes.push(['delete', url]))
  vi.spyOn(api, 'patch').mockImplementation(async (url, change) => void changes.push(['patch', url, change]))
  // Called as it is written: nothing of what it returns is read but the review's answer.
  vi.spyOn(api, 'create').mockImplementation(async (url, object): Promise<never> => {
    if (!url.includes('subjectaccessreviews')) {
      changes.push(['create', url, object])
      return undefined as never
    }
    reviews.push(object)
    return { status: { allowed: changes.length === 0 || (lag -= 1) >= 0 } } as never
  })
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('revokeRbac', () => {
  it('removes a RoleBinding, has struck once the account is denied, and makes it again as it was', async () => {
    const fault = await revokeRbac(cluster, { ...rights, roleBinding: 'spegel' })
    expect(changes).toEqual([['delete', `${rbac}/rolebindings/spegel`]])
    expect(reviews).toHaveLength(3)
    expect(reviews[0]).toMatchObject({
      spec: { user: 'system:serviceaccount:x:spegel', resourceAttributes: { namespace: 'x', ...may } },
    })
    expect(cluster.journal.records().find(({ kind }) => kind === 'struck')).toMatchObject({
      subject: 'serviceaccount/x/spegel',
      data: { evidence: { may: 'get leases.coordination.k8s.io', before: 'allowed', after: 'denied', tookMs: 250 } },
    })
    await fault.heal()
    const { apiVersion, kind, roleRef } = binding
    expect(changes[1]).toEqual([
      'create',
      `${rbac}/rolebindings`,
      { apiVersion, kind, roleRef, metadata: { name: 'spegel', namespace: 'x', labels: { a: 'b' } } },
    ])
  })

  it('replaces the rules of a Role, and gives it its own back', async () => {
    const rules = [{ verbs: ['list'] }]
    const fault = await revokeRbac(cluster, { ...rights, role: { name: 'spegel', rules } })
    await fault.heal()
    expect(changes).toEqual([
      ['patch', `${rbac}/roles/spegel`, { rules }],
      ['patch', `${rbac}/roles/spegel`, { rules: [{ verbs: ['get'] }] }],
    ])
  })

  it('is no fault where the account may go on, and puts everything back', async () => {
    lag = 1_000
    await expect(revokeRbac(cluster, { ...rights, roleBinding: ['spegel'] })).rejects.toThrow(
      /^revoke-rbac: x\/spegel may not get leases\.coordination\.k8s\.io: not within 10 s/,
    )
    expect(changes.map((change) => (Array.isArray(change) ? change[0] : ''))).toEqual(['delete', 'create'])
  })

  it('changes nothing where the account was never allowed', async () => {
    vi.mocked(cluster.api.create).mockResolvedValue({ status: { allowed: false } })
    await expect(revokeRbac(cluster, { ...rights, roleBinding: 'spegel' })).rejects.toThrow(
      new NoEvidence('revoke-rbac: x/spegel may not get leases.coordination.k8s.io as it is'),
    )
    expect(changes).toEqual([])
  })
})
