import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, lease } from '../fake-cluster.ts'
import { fakeLayout, type FakeMember, fakeMembers, withMembers } from '../fake-etcd.ts'
import { KubeApiError } from '../kube/api.ts'
import type { EtcdView } from '../probes/etcd-view.ts'
import { certificateRefused, diagnoseEtcd } from './etcd.ts'
import { diagnoseRecovery } from './recovery.ts'

let fake: FakeCluster
let members: readonly [FakeMember, FakeMember, FakeMember]

beforeEach(() => {
  fake = fakeCluster(() => 0)
  members = fakeMembers()
})
afterEach(() => fake[Symbol.asyncDispose]())

function stop(...stopped: readonly FakeMember[]): void {
  for (const { state, answers } of stopped) {
    state.up = false
    answers.set('systemctl is-active etcd', { stdout: 'inactive\n', exitCode: 3 })
  }
}

/** The leader is lost with the quorum, whoever it was. */
function loseQuorum(): void {
  stop(members[1], members[2])
  members[0].state.leader = '0'
}

describe('diagnoseEtcd', () => {
  it('finds nothing where all is well, or where nobody can ask', async () => {
    expect(await diagnoseEtcd(withMembers(fake, members))).toBeNull()
    loseQuorum()
    expect(await diagnoseEtcd({ ...withMembers(fake, members), etcd: null })).toBeNull()
  })

  it('names one member that is down', async () => {
    stop(members[1])
    expect(await diagnoseEtcd(withMembers(fake, members))).toMatchObject({
      code: 'etcd.member-down',
      summary: '2 of 3 members of etcd answer, not etcd-2 (systemctl is-active etcd: inactive)',
    })
  })

  it('names the members without which there is no quorum', async () => {
    loseQuorum()
    members[2].on = false
    members[2].answers.set('systemctl', { stdout: '', stderr: 'container etcd-3 is not running', exitCode: 1 })
    members[2].answers.delete('systemctl is-active etcd')
    expect(await diagnoseEtcd(withMembers(fake, members))).toMatchObject({
      code: 'etcd.quorum-lost',
      summary:
        'etcd has no quorum: 1 of 3 members of etcd answer, not etcd-2 (systemctl is-active etcd: inactive), ' +
        'not etcd-3 (systemctl is-active etcd: container etcd-3 is not running)',
    })
  })

  it('says why a member does not answer where it is no unit', async () => {
    stop(members[1])
    const pods = { ...withMembers(fake, members), etcd: { ...fakeLayout, unit: null } }
    expect(await diagnoseEtcd(pods)).toMatchObject({
      summary: expect.stringMatching(/not etcd-2 \(.*Could not connect/),
    })
  })

  it('tells members that are cut off from each other from those that are down', async () => {
    for (const { state } of members) state.leader = '0'
    expect(await diagnoseEtcd(withMembers(fake, members))).toMatchObject({
      code: 'etcd.quorum-lost',
      summary: 'etcd has no quorum: 3 of 3 members of etcd answer, and they do not agree on a leader',
    })
  })
})

describe('certificateRefused', () => {
  const view = (...views: EtcdView['members']) => ({ members: views, leader: null, quorum: false, indexSpread: null })
  const silent = (node: string, error: string) => ({ node, error, status: null })
  const status = { memberId: '1', leaderId: '1', raftIndex: 1, raftAppliedIndex: 1, raftTerm: 1, dbSizeBytes: 1 }
  const well = { node: 'c', error: '', status: { ...status, version: '3.6.5', learner: false } }

  it('names every member whose certificate is refused, with its error; one that answers is no matter', () => {
    expect(certificateRefused(view(silent('a', 'x509: expired'), well, silent('b', 'bad certificate')))).toMatchObject({
      code: 'etcd.certificate-refused',
      summary: 'a: x509: expired; b: bad certificate',
    })
    expect(certificateRefused(view(well))).toBeNull()
  })
})

describe('diagnoseRecovery', () => {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'

  it('names the quorum that is lost, and not the API server that cannot answer without it', async () => {
    loseQuorum()
    fake.api.answers.set(`${leases}/kube-controller-manager`, new KubeApiError('GET: no answer within 5000 ms', 0))
    const split = withMembers(fake, members)
    expect(await diagnoseRecovery(split)).toMatchObject({ code: 'etcd.quorum-lost' })
    const pods = { ...split, etcd: { ...fakeLayout, unit: null } }
    expect(await diagnoseRecovery(pods)).toMatchObject({ code: 'recovery.api-unavailable' })
  })

  it('names a member that is down only where nothing else explains what is missing', async () => {
    stop(members[2])
    const split = withMembers(fake, members)
    expect(await diagnoseRecovery(split, 'etcd-3')).toMatchObject({ code: 'etcd.member-down' })
    expect(await diagnoseRecovery({ ...split, etcd: { ...fakeLayout, unit: null } })).toMatchObject({
      code: 'recovery.unexplained',
    })
    fake.api.answers.set(`${leases}/kube-scheduler`, lease(60_000))
    expect(await diagnoseRecovery(split)).toMatchObject({ code: 'recovery.scheduler-down' })
  })
})
