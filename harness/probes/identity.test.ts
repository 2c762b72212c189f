import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { fakeLayout, FakeMember, fakeMembers, listed, ScriptedNode, withMembers } from '../fake-etcd.ts'
import { machineNames, memberIdentities, namedCertificates, nodeNames } from './identity.ts'

/** Subject: CN = etcd-1 */
const ofMember = `-----BEGIN CERTIFICATE-----
MIIBdjCCAR2gAwIBAgIUdktLfMCLoqTUdmeA7CnELUVbRPowCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGZXRjZC0xMB4XDTI2MTEyMTEwMTg1MloXDTI2MTEyMjEwMTg1
MlowETEPMA0GA1UEAwwGZXRjZC0xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
ZjOtGQjJSFBRzHM9+SoJtGoE09TldHpvqAYJoyCvWq0/pFVwUP1E6Wy5gyACYKvu
bxX/Yh0TewJQkDZjzusVAqNTMFEwHQYDVR0OBBYEFNbJwEPlY27KsM9W52+4UOBf
DrIRMB8GA1UdIwQYMBaAFNbJwEPlY27KsM9W52+4UOBfDrIRMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIge87WNH8KPtNO1r58vU/X02W0/f3HmnGl
zojM7wN8IHYCICybOHmFCqxFr3gJhyHudZ/mVNttgmIZIOO3D5ZRXiqh
-----END CERTIFICATE-----
`

/** Subject: O = system:nodes, CN = system:node:fake-worker */
const ofKubelet = `-----BEGIN CERTIFICATE-----
MIIBxjCCAW2gAwIBAgIUfU3aEaMuAUkPFvMijQIFLO1Bcf4wCgYIKoZIzj0EAwIw
OTEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMSAwHgYDVQQDDBdzeXN0ZW06bm9kZTpm
YWtlLXdvcmtlcjAeFw0yNjExMjExMDE4NTJaFw0yNjExMjIxMDE4NTJaMDkxFTAT
BgNVBAoMDHN5c3RlbTpub2RlczEgMB4GA1UEAwwXc3lzdGVtOm5vZGU6ZmFrZS13
b3JrZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASuFE4nU8Z3Q4LVy5J4f/DU
DAUrA+4qcefq67F2tXJandlrF63Lt2Ma1z7ljgfQeRHeWU+iAIFAX/sxmr0ReakF
o1MwUTAdBgNVHQ4EFgQUUSq3sbRpfHx9OSr9wKhD+2FZUIEwHwYDVR0jBBgwFoAU
USq3sbRpfHx9OSr9wKhD+2FZUIEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD
AgNHADBEAiAcXK7fYSAPeXhacbcBIzxeBGWG86B3f7u5tmM3HuZ2oQIgeJQLDBqK
jfWgJHg4EN6c+MCNuP+yEXXdkwYEOpkDdow=
-----END CERTIFICATE-----
`

let fake: FakeCluster
let members: readonly [FakeMember, FakeMember, FakeMember]

beforeEach(() => {
  fake = fakeCluster(() => 0)
  members = fakeMembers()
})
afterEach(() => fake[Symbol.asyncDispose]())

/** As `observeEtcd` writes down what a member is called. */
const saw = (id: string, name: string) =>
  void fake.journal.append('etcd', 'member', `member/${id}`, { name, learner: false, node: null })

describe('memberIdentities', () => {
  it('have one name each where nothing ever changed', async () => {
    for (const [index, { name }] of members.entries()) saw(String(index + 1), name)
    expect(await memberIdentities(withMembers(fake, members))).toEqual([
      { id: '1', machine: 'etcd-1', names: ['etcd-1'] },
      { id: '2', machine: 'etcd-2', names: ['etcd-2'] },
      { id: '3', machine: 'etcd-3', names: ['etcd-3'] },
    ])
  })

  it('have every name that the journal saw, oldest first, and the present one', async () => {
    saw('2', '')
    saw('2', 'talos-abc')
    for (const member of members) {
      member.list = [listed('1', 'etcd-1', 'etcd-1'), listed('2', 'etcd-2', 'etcd-2'), listed('3', '', 'etcd-3')]
    }
    expect((await memberIdentities(withMembers(fake, members))).map(({ names }) => names)).toEqual([
      ['etcd-1'],
      ['talos-abc', 'etcd-2'],
      [],
    ])
  })

  it('have the machine that runs the member, whatever names and URLs say, and none where no machine does', async () => {
    for (const member of members) {
      member.list = [listed('3', 'etcd-1', 'etcd-1'), listed('9', 'etcd-3', 'etcd-3')]
    }
    expect(await memberIdentities(withMembers(fake, members))).toEqual([
      { id: '3', machine: 'etcd-3', names: ['etcd-1'] },
      { id: '9', machine: null, names: ['etcd-3'] },
    ])
  })

  it('cannot be told while a machine does not say which member it runs', async () => {
    members[1].state.up = false
    await expect(memberIdentities(withMembers(fake, members))).rejects.toThrow(/^etcd on etcd-2: status:/)
  })
})

describe('names', () => {
  it('of Nodes are those of the API, of machines those that have a kubelet, both sorted', async () => {
    const items = ['b', 'c', 'a'].map((name) => ({ metadata: metadata(name) }))
    fake.api.answers.set('/api/v1/nodes', { items })
    expect(await nodeNames(fake)).toEqual(['a', 'b', 'c'])
    expect(machineNames(withMembers(fake, members))).toEqual(['fake-control-plane', 'fake-worker'])
    expect(machineNames({ nodes: fake.nodes.toReversed() })).toEqual(['fake-control-plane', 'fake-worker'])
  })
})

describe('namedCertificates', () => {
  const kubelet = '/var/lib/kubelet/pki/kubelet-client-current.pem'

  it("are the member's beside its authority, and the kubelet's, without what Kubernetes puts before the name", async () => {
    const member = new FakeMember('etcd-1', ['etcd'], { id: '1' })
    const worker = new ScriptedNode('fake-worker', ['worker'])
    member.answers.set('cat', { stdout: ofMember })
    worker.answers.set('cat', { stdout: ofKubelet })
    expect(await namedCertificates({ ...fake, etcd: fakeLayout, nodes: [member, worker] })).toEqual([
      { node: 'etcd-1', file: '/pki/server.crt', name: 'etcd-1' },
      { node: 'etcd-1', file: '/pki/peer.crt', name: 'etcd-1' },
      { node: 'fake-worker', file: kubelet, name: 'fake-worker' },
    ])
  })

  it('are all three on a control plane with a member of its own', async () => {
    const node = new ScriptedNode('cp', ['control-plane'])
    node.answers.set('cat', { stdout: ofMember })
    await namedCertificates({ ...fake, etcd: fakeLayout, nodes: [node] })
    expect(node.done).toEqual(['cat /pki/server.crt', 'cat /pki/peer.crt', `cat ${kubelet}`])
  })

  it("are the kubelet's alone where nobody knows where etcd has its own", async () => {
    const node = new ScriptedNode('cp', ['control-plane'])
    node.answers.set('cat', { stdout: ofKubelet })
    expect(await namedCertificates({ ...fake, etcd: null, nodes: [node] })).toMatchObject([{ file: kubelet }])
  })

  it('fail where a file is no certificate', async () => {
    const node = new ScriptedNode('cp', ['control-plane'])
    await expect(namedCertificates({ ...fake, etcd: null, nodes: [node] })).rejects.toThrow(/PEM|no start line/i)
  })
})
