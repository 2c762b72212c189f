import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Mirror } from '../add-ons/mirror.ts'
import { type FakeCluster, fakeCluster, lease } from '../fake-cluster.ts'
import { fakeMirror, fakePod, withLogs, withPods } from '../fake-electorate.ts'
import { ScriptedNode } from '../fake-etcd.ts'
import { KubeApiError } from '../kube/api.ts'
import type { ElectionEvent } from './election-log.ts'
import { askMirror, claimsLeadFalsely, mirrorFacts } from './mirror-facts.ts'

let cluster: FakeCluster
let worker: ScriptedNode

const mirror: Mirror = { ...fakeMirror, endpoint: ({ name }) => Promise.resolve(`http://${name}:30020`) }
const events = '/api/v1/namespaces/ns/events'

beforeEach(() => {
  cluster = fakeCluster(() => 0)
  worker = new ScriptedNode('fake-worker', ['worker'])
  Object.assign(cluster, { nodes: [cluster.nodes[0], worker] })
  cluster.api.answers.set(events, { items: [] })
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('askMirror', () => {
  const question = {
    node: new ScriptedNode('w', ['worker']),
    registry: 'upstream.test:80',
    repository: 'a/b',
    reference: 'v1',
  }

  it('asks it from the node, for the registry that the image is named after', async () => {
    question.node.answers.set('curl', { stdout: '{"layers":[]}\n200 \n' })
    expect(await askMirror(mirror, question)).toEqual({ status: 200, detail: '13 bytes' })
    const asked = question.node.done.at(-1) ?? ''
    expect(asked).toContain('http://w:30020/v2/a/b/manifests/v1?ns=upstream.test%3A80')
    expect(asked).toContain('Accept: application/vnd.oci.image.manifest.v1+json')
  })

  it('has what it said where it has no image, and why it said nothing', async () => {
    question.node.answers.set('curl', { stdout: 'mirror resolve retries exhausted\n500 \n' })
    expect(await askMirror(mirror, question)).toEqual({ status: 500, detail: 'mirror resolve retries exhausted' })
    question.node.answers.set('curl', { stdout: '\n000 Connection refused\n' })
    expect(await askMirror(mirror, question)).toEqual({ status: 0, detail: 'Connection refused' })
  })

  it('does not ask one that nobody else may ask', async () => {
    const asked = question.node.done.length
    expect(await askMirror({ ...mirror, endpoint: null }, question)).toMatchObject({ status: 0 })
    expect(question.node.done).toHaveLength(asked)
  })
})

describe('mirrorFacts', () => {
  it('are of no instance where it is one server', async () => {
    expect(await mirrorFacts(cluster, { ...mirror, electorate: null })).toEqual({
      mirror: 'x v1',
      servesAlone: true,
      instances: [],
      holder: null,
      answer: null,
    })
  })

  it('have each instance with its peers, its claim, and what the kubelet and it complain of', async () => {
    const now = Date.now()
    withPods(cluster.api, fakePod('x-1'), fakePod('x-2', { ip: '10.244.1.5', ready: false, restarts: 3 }))
    const held = lease(1_000, 'x-1').spec
    cluster.api.answers.set('/apis/coordination.k8s.io/v1/namespaces/ns/leases/x-lock', {
      spec: { ...held, acquireTime: new Date(now - 60_000).toISOString() },
    })
    worker.answers.set('sh 10.244.1', { stdout: '/var/run/netns/cni-1\n' })
    worker.answers.set('ss -Htn', { stdout: '0 0 10.244.1.4:5001 10.244.1.5:40000\n' })
    withLogs(cluster.api, {
      'x-1': [[now - 90_000, 'leader is self skipping connection to bootstrap node']],
      'x-2': [[now - 30_000, 'leader is self skipping connection to bootstrap node']],
      'x-2/previous': [
        [now - 80_000, 'fatal: no socket'],
        [now - 80_000, 'bye'],
      ],
    })
    cluster.api.answers.set(events, { items: [{ message: 'Unhealthy' }, { message: 'Unhealthy' }] })
    const question = { node: worker, registry: 'upstream.test', repository: 'a/b', reference: 'v1' }
    worker.answers.set('curl', { stdout: 'nobody has it\n404 \n' })
    expect(await mirrorFacts(cluster, mirror, question)).toEqual({
      mirror: 'x v1',
      servesAlone: true,
      holder: 'x-1',
      answer: { node: 'fake-worker', status: 404, detail: 'nobody has it' },
      instances: [
        {
          pod: 'x-1',
          node: 'fake-worker',
          ready: true,
          restarts: 0,
          peers: ['10.244.1.5'],
          waiting: null,
          claimsLead: false,
          lastWords: '',
        },
        {
          pod: 'x-2',
          node: 'fake-worker',
          ready: false,
          restarts: 3,
          // Of the other's connection this is its own end.
          peers: [],
          waiting: 'Unhealthy',
          claimsLead: true,
          lastWords: 'fatal: no socket',
        },
      ],
    })
  })

  it('are there although a machine does not answer', async () => {
    withPods(cluster.api, fakePod('x-1'))
    worker.says = new Error('fake-worker is off')
    withLogs(cluster.api, { 'x-1': new KubeApiError('dial tcp: no route to host', 500) })
    expect(await mirrorFacts(cluster, mirror)).toMatchObject({ holder: null, instances: [{ pod: 'x-1', peers: null }] })
  })
})

describe('claimsLeadFalsely', () => {
  const said = (...kinds: readonly ('acquiring' | 'acquired' | 'lost' | 'self')[]): ElectionEvent[] =>
    kinds.map((kind, index) => ({ at: (index + 1) * 10, kind }))

  it.each<[string, ElectionEvent[], number | null, boolean]>([
    ['who said so before another took the lock', said('acquired', 'self'), 30, false],
    ['who says so since another took the lock', said('acquired', 'self'), 15, true],
    ['who lost the lock and says so still', said('acquired', 'lost', 'self'), null, true],
    ['who lost the lock, though the present holder came later than that', said('acquired', 'lost', 'self'), 35, true],
    ['who lost the lock and tries again', said('acquired', 'lost', 'self', 'acquiring'), null, false],
    ['who said so before it lost the lock', said('acquired', 'self', 'lost'), null, false],
    ['who leads', said('acquiring', 'acquired', 'self'), null, false],
    ['who never said so', said('acquiring', 'lost'), 5, false],
  ])('%s', (_, events_, takenAt, falsely) => {
    expect(claimsLeadFalsely(events_, takenAt)).toBe(falsely)
  })

  it('is never said of who was silent', () => {
    const kinds = fc.constantFrom('acquiring' as const, 'acquired' as const, 'lost' as const, 'acting' as const)
    fc.assert(
      fc.property(fc.array(kinds), fc.option(fc.nat(1_000)), (all, takenAt) => {
        const silent = all.map((kind, index) => ({ at: index, kind }))
        expect(claimsLeadFalsely(silent, takenAt)).toBe(false)
      }),
    )
  })
})
