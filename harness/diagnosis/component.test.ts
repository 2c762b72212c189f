import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, lease, metadata } from '../fake-cluster.ts'
import { KubeApiError } from '../kube/api.ts'
import type { Pod } from '../kube/types.ts'
import { crashing, explainComponent, pressed, readyForTooLong, whyDown, writesRefused } from './component.ts'

let cluster: FakeCluster
beforeEach(() => (cluster = fakeCluster(() => 0)))
afterEach(() => cluster[Symbol.asyncDispose]())

describe('why a component does not run', () => {
  const facts = { manifest: true, certificates: [], killed: '', errors: '' }
  const explain = (changes: Partial<Parameters<typeof explainComponent>[2]>) =>
    explainComponent('cp', 'kube-apiserver', { ...facts, ...changes }, 1_000)

  it('is a certificate, its memory or its flags, in this order', () => {
    const errors = 'stderr F Error: unknown flag: --nonsense\nstderr F bye'
    expect(explain({ errors })).toMatchObject({
      code: 'component.misconfigured',
      summary: 'kube-apiserver on cp ends at its start: stderr F Error: unknown flag: --nonsense',
    })
    expect(explain({ errors, killed: 'TaskOOM' })).toMatchObject({ code: 'component.out-of-memory' })
    const certificates = [
      { file: '/a.crt', from: 0, to: 5_000 },
      { file: '/b.crt', from: 0, to: 999 },
    ]
    expect(explain({ errors, killed: 'TaskOOM', certificates })).toMatchObject({
      code: 'component.certificate-expired',
      summary: 'on cp /b.crt has expired at 1970-01-01T00:00:00.999Z',
    })
  })

  it('is not known where nobody wants it to run, and where it says nothing of its start', () => {
    expect(explain({ manifest: false, killed: 'TaskOOM' })).toBeNull()
    expect(explain({ errors: 'err="context deadline exceeded"' })).toBeNull()
  })

  it('is asked of the control plane alone', async () => {
    cluster.nodes[0].says = { stdout: '\n== manifest\nthere\n== killed\nTaskOOM x' }
    expect(await whyDown(cluster, 'kube-apiserver')).toMatchObject({ code: 'component.out-of-memory' })
    expect(cluster.nodes[0].done[0]).toMatch(/ sh kube-apiserver$/)
    expect(cluster.nodes[1].done).toEqual([])
  })

  it('is not known of a machine that says nothing', async () => {
    cluster.nodes[0].says = new Error('off')
    expect(await whyDown(cluster, 'etcd')).toBeNull()
  })
})

describe('writes that are refused', () => {
  it.each([
    ['a webhook', 'Internal error occurred: failed calling webhook "x": no endpoints', 'component.writes-refused'],
    [
      'a plugin',
      'configmaps "x" is forbidden: Admission control is denying all modifications',
      'component.writes-refused',
    ],
    ['missing rights', 'configmaps is forbidden: User "me" cannot create resource', undefined],
    ['silence', 'no answer within 5000 ms', undefined],
  ])('are told from other errors: %s', async (_, message, code) => {
    cluster.api.answers.set('POST /api/v1/namespaces/default/configmaps', new KubeApiError(message, 403))
    expect((await writesRefused(cluster))?.code).toBe(code)
  })

  it('are none where the write is taken', async () => {
    expect(await writesRefused(cluster)).toBeNull()
  })
})

describe('a Node that is Ready for too long', () => {
  // The fake's grace period is 50 s; a Node is marked within 15 s more.
  it.each([
    [64_000, undefined],
    [66_000, 'component.not-ready-too-late'],
  ])('is one whose lease is %i ms old: %s', async (age, code) => {
    cluster.api.answers.set('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/fake-worker', lease(age))
    expect((await readyForTooLong(cluster))?.code).toBe(code)
  })

  it('is none that is NotReady, and the flag is named', async () => {
    cluster.api.answers.set('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/fake-worker', lease(99_000))
    const command = ['kube-controller-manager', '--node-monitor-grace-period=10m']
    cluster.api.answers.set('/api/v1/namespaces/kube-system/pods', { items: [{ spec: { containers: [{ command }] } }] })
    expect((await readyForTooLong(cluster))?.summary).toMatch(/runs with --node-monitor-grace-period=10m$/)
    const conditions = [{ type: 'Ready', status: 'Unknown' }]
    cluster.api.answers.set('/api/v1/nodes/fake-worker', { metadata: metadata('fake-worker'), status: { conditions } })
    expect(await readyForTooLong(cluster)).toBeNull()
  })
})

describe('a container that ends by itself', () => {
  const boots = new Map([['n', Date.UTC(2026, 0, 1)]])
  const pod = (ended: object, { labels = {}, ready = false, phase = 'Running' } = {}): Pod => ({
    metadata: { ...metadata('p'), labels },
    spec: { nodeName: 'n', containers: [] },
    status: {
      phase,
      containerStatuses: [
        { name: 'c', ready, restartCount: 2, image: '', imageID: '', lastState: { terminated: ended as never } },
      ],
    },
  })
  const error = { exitCode: 1, reason: 'Error', finishedAt: '2026-01-01T00:00:05Z' }

  it('is named with how it ended, and that of DNS as such', () => {
    expect(crashing([pod(error)], { boots })).toMatchObject({
      code: 'component.crashing',
      summary: expect.stringMatching(/container c, ended 3 times: Error with exit code 1$/),
    })
    expect(crashing([pod(error, { labels: { 'k8s-app': 'kube-dns' } })], { boots })?.code).toBe('component.dns-down')
  })

  it.each([
    ['is Ready again', error, { ready: true }],
    ['is over', error, { phase: 'Failed' }],
    ['ended with its machine', { ...error, exitCode: 255 }, {}],
    ['was asked to end', { ...error, exitCode: 143 }, {}],
    ['ended in the second of the boot', { ...error, finishedAt: '2026-01-01T00:00:00Z' }, {}],
    ['ended before the boot', { ...error, finishedAt: '2025-12-31T23:59:59Z' }, {}],
  ])('is none that %s', (_, ended, options) => {
    expect(crashing([pod(ended, options)], { boots })).toBeNull()
  })
})

it('names the Node that has too little left, and of what', () => {
  const node = (conditions: { type: string; status: string; message?: string }[]) => ({
    metadata: metadata('n'),
    status: { conditions },
  })
  expect(pressed([node([{ type: 'Ready', status: 'True' }])])).toBeNull()
  expect(
    pressed([node([{ type: 'DiskPressure', status: 'True', message: 'kubelet has disk pressure' }])]),
  ).toMatchObject({
    code: 'machine.disk-pressure',
    summary: 'node n says DiskPressure: kubelet has disk pressure',
  })
  expect(pressed([node([{ type: 'MemoryPressure', status: 'True' }])])?.code).toBe('machine.memory-pressure')
})

it('says of a Node under pressure what its kubelet says, if anything', () => {
  const condition = (message?: string) => ({ type: 'DiskPressure', status: 'True', ...(message && { message }) })
  const node = (status?: object) => ({ metadata: metadata('w'), ...(status && { status }) })
  expect(pressed([node(), node({}), node({ conditions: [condition()] })])?.summary).toBe('node w says DiskPressure:')
  expect(pressed([node({ conditions: [condition('little is left')] })])?.summary).toBe(
    'node w says DiskPressure: little is left',
  )
})
