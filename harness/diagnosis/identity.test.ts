import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { type FakeMember, fakeMembers, listed, withMembers } from '../fake-etcd.ts'
import { KubeApiError } from '../kube/api.ts'
import { diagnoseIdentity, memberMismatch, memberTwice, strangeNode } from './identity.ts'

let fake: FakeCluster
let members: readonly [FakeMember, FakeMember, FakeMember]

beforeEach(() => {
  fake = fakeCluster(() => 0)
  members = fakeMembers()
})
afterEach(() => fake[Symbol.asyncDispose]())

const list = (...all: [id: string, name: string][]) => {
  for (const member of members) member.list = all.map(([id, name]) => listed(id, name, name))
}

describe('memberMismatch', () => {
  it('names a member that has, or once had, another name than its machine', () => {
    expect(memberMismatch([{ id: 'a', machine: 'm1', names: ['m1'] }])).toBeNull()
    expect(
      memberMismatch([
        { id: 'a', machine: 'm1', names: ['m1'] },
        { id: 'b', machine: 'm2', names: ['unnamed-7', 'm2'] },
        { id: 'c', machine: 'm3', names: ['m9'] },
      ]),
    ).toMatchObject({
      code: 'identity.member-name-mismatch',
      summary:
        'member b has been named unnamed-7, then m2; its machine is named m2; ' +
        'member c has been named m9; its machine is named m3',
    })
  })

  it('is no matter of members that have no name yet, or no machine', () => {
    expect(memberMismatch([{ id: 'a', machine: 'm1', names: [] }])).toBeNull()
    expect(memberMismatch([{ id: 'a', machine: null, names: ['x'] }])).toBeNull()
  })
})

describe('memberTwice', () => {
  it('names the members that no machine runs', () => {
    expect(memberTwice([{ id: 'a', machine: 'm1', names: ['x'] }])).toBeNull()
    expect(
      memberTwice([
        { id: 'a', machine: 'm1', names: ['m1'] },
        { id: 'b', machine: null, names: ['x', 'y'] },
        { id: 'c', machine: null, names: [] },
      ]),
    ).toMatchObject({
      code: 'identity.duplicate-member',
      summary: 'no machine runs the member b (x, y), c (never named)',
    })
  })
})

describe('strangeNode', () => {
  it('names the Nodes that are no machine; a machine that is no Node yet is none', () => {
    expect(strangeNode(fake, ['fake-worker'])).toBeNull()
    expect(strangeNode(fake, ['fake-control-plane', 'unnamed-7', 'fake-worker'])).toMatchObject({
      code: 'identity.duplicate-node',
      summary: 'Nodes that are no machine: unnamed-7; the machines are fake-control-plane, fake-worker',
    })
  })

  it('names all of them', () => {
    expect(strangeNode(fake, ['unnamed-7', 'fake-worker', 'unnamed-8'])?.summary).toMatch(
      /^Nodes that are no machine: unnamed-7, unnamed-8; /,
    )
  })

  it('takes a machine of etcd alone for none that may be a Node', () => {
    expect(strangeNode(withMembers(fake, members), ['etcd-1'])).toMatchObject({ code: 'identity.duplicate-node' })
  })
})

describe('diagnoseIdentity', () => {
  const strangers = () => {
    const items = ['fake-control-plane', 'unnamed-7'].map((name) => ({ metadata: metadata(name) }))
    fake.api.answers.set('/api/v1/nodes', { items })
  }

  it('begins at the bottom: a wrong name of a member explains a stray one, and that a strange Node', async () => {
    strangers()
    list(['1', 'etcd-1'], ['2', 'unnamed-7'], ['9', 'etcd-2'])
    expect(await diagnoseIdentity(withMembers(fake, members))).toMatchObject({ code: 'identity.member-name-mismatch' })
    list(['1', 'etcd-1'], ['2', 'etcd-2'], ['9', 'unnamed-7'])
    expect(await diagnoseIdentity(withMembers(fake, members))).toMatchObject({ code: 'identity.duplicate-member' })
    list(['1', 'etcd-1'], ['2', 'etcd-2'], ['3', 'etcd-3'])
    expect(await diagnoseIdentity(withMembers(fake, members))).toMatchObject({ code: 'identity.duplicate-node' })
  })

  it('says what is ill where all names are right', async () => {
    const [node] = [{ metadata: metadata('fake-control-plane'), status: { conditions: [] } }]
    fake.api.answers.set('/api/v1/nodes', { items: [node] })
    expect(await diagnoseIdentity(withMembers(fake, members))).toMatchObject({
      code: 'identity.node-not-ready',
      summary: expect.stringContaining('machine fake-worker is no Node'),
    })
  })

  it('goes by the API where a member does not say who it is', async () => {
    strangers()
    members[0].state.up = false
    expect(await diagnoseIdentity(withMembers(fake, members))).toMatchObject({ code: 'identity.duplicate-node' })
  })

  it('goes by the members where the API does not answer, and says so where they are all right', async () => {
    fake.api.answers.set('/api/v1/nodes', new KubeApiError('GET /api/v1/nodes: ECONNREFUSED', 0))
    expect(await diagnoseIdentity(withMembers(fake, members))).toMatchObject({
      code: 'identity.node-not-ready',
      summary: expect.stringContaining('ECONNREFUSED'),
    })
    list(['1', 'etcd-1'], ['2', 'unnamed-7'], ['3', 'etcd-3'])
    expect(await diagnoseIdentity(withMembers(fake, members))).toMatchObject({ code: 'identity.member-name-mismatch' })
  })
})
