import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, lease, metadata } from '../fake-cluster.ts'
import { KubeApiError } from '../kube/api.ts'
import type { PodFacts } from '../kube/observe.ts'
import { diagnoseRecovery } from './recovery.ts'

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'
let now: number
let cluster: FakeCluster

beforeEach(() => {
  now = 100_000
  cluster = fakeCluster(() => now)
})
afterEach(() => cluster[Symbol.asyncDispose]())

const diagnose = () => diagnoseRecovery(cluster, 'fake-worker')

function podEvent(kind: string, at: number, name: string, changes: Partial<PodFacts>): void {
  const facts: PodFacts = {
    uid: name,
    node: 'fake-worker',
    phase: 'Failed',
    reason: 'NodeShutdown',
    ready: false,
    deleting: false,
    owner: 'DaemonSet/kube-proxy',
    ownerUid: 'd',
    templateGeneration: '1',
    disruption: null,
    ...changes,
  }
  now = at
  cluster.journal.append('api-watch', kind, `pod/kube-system/${name}`, facts)
}

/** A pod waits out a second from 100.1 s on. */
function waitingPod(): void {
  podEvent('MODIFIED', 100_000, 'a', {})
  podEvent('DELETED', 100_000, 'a', { deleting: true })
  podEvent('MODIFIED', 100_100, 'b', {})
}

const nodeNotReady = {
  metadata: metadata('fake-worker'),
  status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
}
const waitingForImage = {
  metadata: metadata('agent-x'),
  spec: { nodeName: 'fake-worker' },
  status: {
    phase: 'Pending',
    containerStatuses: [
      { name: 'ok', image: 'here:1', state: { running: {} } },
      { name: 'server', image: 'gone:1', state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } },
    ],
  },
}

describe('diagnoseRecovery', () => {
  it('names an API server that does not answer', async () => {
    cluster.api.answers.set(`${leases}/kube-controller-manager`, new KubeApiError('GET /x: ECONNREFUSED', 0))
    expect(await diagnose()).toMatchObject({
      code: 'recovery.api-unavailable',
      summary: 'the API server does not answer: GET /x: ECONNREFUSED',
    })
  })

  it('asks once more where a request broke off on a cluster that answers', async () => {
    cluster.api.answers.set('/api/v1/pods', { items: [waitingForImage] })
    vi.spyOn(cluster.api, 'get').mockRejectedValueOnce(new KubeApiError('GET /x: no answer within 5000 ms', 0))
    expect(await diagnose()).toMatchObject({ code: 'recovery.image-missing' })
  })

  it.each([
    ['controller-manager', 'recovery.controller-manager-down'],
    ['scheduler', 'recovery.scheduler-down'],
  ])('names a %s that renews its lease no longer', async (name, code) => {
    cluster.api.answers.set(`${leases}/kube-${name}`, lease(60_000, 'cp_7'))
    expect(await diagnose()).toMatchObject({
      code,
      summary: expect.stringMatching(/: cp_7 renewed it last 1 min ago$/),
    })
  })

  it('names a node that is not Ready, and what its kubelet is', async () => {
    cluster.api.answers.set('/api/v1/nodes/fake-worker', nodeNotReady)
    cluster.nodes[1].says = { stdout: 'failed\n', exitCode: 3 }
    expect(await diagnose()).toMatchObject({
      code: 'recovery.node-not-ready',
      summary: expect.stringMatching(/fake-worker .*kubelet is failed$/),
    })
    expect(cluster.nodes[1].done.at(-1)).toBe('systemctl is-active kubelet')
  })

  const worker = (conditions: readonly object[]) =>
    cluster.api.answers.set('/api/v1/nodes/fake-worker', { metadata: metadata('fake-worker'), status: { conditions } })

  it('tells a node that is not Ready from one that has not reported since its boot', async () => {
    const pressure = { type: 'DiskPressure', status: 'True', lastHeartbeatTime: '2026-01-01T12:00:00Z' }
    worker([pressure, { type: 'Ready', status: 'False', lastHeartbeatTime: '2026-01-01T12:00:00Z' }])
    cluster.nodes[1].says = { stdout: '', stderr: 'it is not running\n', exitCode: 1 }
    expect((await diagnose()).summary).toBe('node fake-worker is not Ready; its kubelet is it is not running')
    worker([{ type: 'Ready', status: 'True', lastHeartbeatTime: '2025-12-31T12:00:00Z' }])
    expect((await diagnose()).summary).toBe(
      'node fake-worker has not reported since it was started; its kubelet is it is not running',
    )
  })

  it('looks at the node that was struck, and at every node where none was', async () => {
    worker([])
    expect(await diagnoseRecovery(cluster, 'fake-control-plane')).toMatchObject({ code: 'recovery.unexplained' })
    expect(await diagnoseRecovery(cluster)).toMatchObject({ code: 'recovery.node-not-ready' })
  })

  it("hands the kubelet's own words on to who explains its machine", async () => {
    const ready = { type: 'Ready', status: 'False', message: 'cni plugin not initialized' }
    worker([{ type: 'MemoryPressure', status: 'False', message: 'enough' }, ready])
    const facts = { unit: 'active\nrunning', containerd: 'active', runtime: '0', healthz: 'ok' }
    const text = Object.entries(facts).map(([name, said]) => `\n== ${name}\n${said}\n`)
    cluster.nodes[1].says = { stdout: text.join('') }
    const { code, summary } = await diagnose()
    expect(code).toMatch(/^machine[.]/)
    expect(summary).toContain('fake-worker')
  })

  it('says of a lease that nobody holds that there is no holder', async () => {
    cluster.api.answers.set(`${leases}/kube-scheduler`, lease(60_000, ''))
    expect((await diagnose()).summary).toBe(
      'nobody holds the lease of kube-scheduler: no holder renewed it last 1 min ago',
    )
  })

  it('takes an error that is none of the API server for what it is', async () => {
    cluster.api.answers.set(`${leases}/kube-scheduler`, new TypeError('x is not a function'))
    await expect(diagnose()).rejects.toThrow('x is not a function')
  })

  it('names a missing image also where the kubelet says no more, and no other wait', async () => {
    const waits = (waiting: object) => [{ name: 'a', image: 'i:1', state: { waiting } }]
    const of = (containerStatuses: object[]) => ({
      metadata: metadata('web'),
      status: { phase: 'Pending', containerStatuses },
    })
    const pods = (...items: object[]) => cluster.api.answers.set('/api/v1/pods', { items })
    pods(
      { metadata: metadata('new') },
      of([{ name: 'b', image: 'j:1' }]),
      of(waits({})),
      of(waits({ reason: 'ErrImagePull' })),
    )
    expect((await diagnose()).summary).toBe('web, container a, waits for the image i:1: ErrImagePull')
    pods(of(waits({ reason: 'ContainerCreating', message: 'ErrImagePull' })))
    expect((await diagnose()).code).not.toBe('recovery.image-missing')
  })

  it('says every ailment, and of a healthy cluster every pod', async () => {
    const phase = (name: string, status: object) => ({ metadata: metadata(name), status })
    const items = ['a', 'b'].map((name) => phase(name, { phase: 'Succeeded' }))
    cluster.api.answers.set('/api/v1/pods', { items })
    expect((await diagnose()).summary).toBe('the cluster looks healthy; pods: a Succeeded, b Succeeded')
    cluster.api.answers.set('/api/v1/pods', { items: ['a', 'b'].map((name) => phase(name, { phase: 'Unknown' })) })
    expect((await diagnose()).summary).toBe('pod a Unknown; pod b Unknown')
  })

  it('names an image that is missing', async () => {
    cluster.api.answers.set('/api/v1/pods', { items: [waitingForImage] })
    expect(await diagnose()).toMatchObject({
      code: 'recovery.image-missing',
      summary: 'agent-x, container server, waits for the image gone:1: ImagePullBackOff not found',
    })
  })

  it('names the back-off while it explains what is missing', async () => {
    waitingPod()
    now = 100_600
    expect(await diagnose()).toMatchObject({
      code: 'recovery.daemonset-backoff',
      summary:
        'kube-system/b of DaemonSet/kube-proxy failed 0.5 s ago and waits out a back-off of 1 s; it is due in 0.5 s',
    })
  })

  it('names a replacement that the back-off no longer explains', async () => {
    waitingPod()
    // A second of back-off, and a tenth of it and a second of tolerance.
    now = 102_200
    expect(await diagnose()).toMatchObject({ code: 'recovery.daemonset-backoff' })
    now = 102_201
    expect(await diagnose()).toMatchObject({
      code: 'recovery.daemonset-stuck',
      summary:
        'kube-system/b of DaemonSet/kube-proxy failed 2.1 s ago and is not replaced; the back-off ended 1.1 s ago',
    })
  })

  it('names a back-off that has just ended: the successor of its pod may still be starting, for 5 s', async () => {
    waitingPod()
    podEvent('DELETED', 101_150, 'b', { deleting: true })
    now = 102_150
    expect(await diagnose()).toMatchObject({
      code: 'recovery.daemonset-backoff',
      summary:
        'kube-system/b of DaemonSet/kube-proxy waited out a back-off of 1 s; it was deleted 1 s ago and its successor is starting',
    })
    now = 106_150
    expect(await diagnose()).toMatchObject({ code: 'recovery.daemonset-backoff' })
    now = 106_151
    expect(await diagnose()).toMatchObject({ code: 'recovery.unexplained' })
  })

  it('takes a pod that was deleted without a back-off for no cause', async () => {
    podEvent('MODIFIED', 100_000, 'a', {})
    podEvent('DELETED', 100_000, 'a', { deleting: true })
    now = 100_100
    expect(await diagnose()).toMatchObject({ code: 'recovery.unexplained' })
  })

  it('says what it saw where it knows no cause', async () => {
    expect(await diagnose()).toMatchObject({
      code: 'recovery.unexplained',
      summary: expect.stringMatching(/^the cluster looks healthy/),
    })
    const pending = { metadata: metadata('web-1'), status: { phase: 'Pending' } }
    cluster.api.answers.set('/api/v1/pods', { items: [pending] })
    expect(await diagnose()).toMatchObject({ code: 'recovery.unexplained', summary: 'pod web-1 Pending' })
  })

  it('looks from the bottom up: what a cause makes fail is no cause', async () => {
    waitingPod()
    const found: string[] = []
    const next = async () => void found.push((await diagnose()).code)
    await next()
    cluster.api.answers.set('/api/v1/pods', { items: [waitingForImage] })
    await next()
    cluster.api.answers.set('/api/v1/nodes/fake-worker', nodeNotReady)
    await next()
    cluster.api.answers.set(`${leases}/kube-scheduler`, lease(60_000))
    await next()
    cluster.api.answers.set(`${leases}/kube-controller-manager`, lease(60_000))
    await next()
    cluster.api.answers.set(`${leases}/kube-controller-manager`, new KubeApiError('refused', 0))
    await next()
    expect(found).toEqual([
      'recovery.daemonset-backoff',
      'recovery.image-missing',
      'recovery.node-not-ready',
      'recovery.scheduler-down',
      'recovery.controller-manager-down',
      'recovery.api-unavailable',
    ])
  })

  it('takes a pod of somebody else, on another node, for the last of all causes', async () => {
    const elsewhere = { ...waitingForImage, spec: { nodeName: 'fake-control-plane' } }
    cluster.api.answers.set('/api/v1/pods', { items: [elsewhere] })
    expect(await diagnose()).toMatchObject({ code: 'recovery.image-missing' })
    waitingPod()
    expect(await diagnose()).toMatchObject({ code: 'recovery.daemonset-backoff' })
    const own = { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: 'kube-system' } }
    cluster.api.answers.set('/api/v1/pods', { items: [own] })
    expect(await diagnose()).toMatchObject({ code: 'recovery.image-missing' })
  })

  it('asks for no back-off where no node is named', async () => {
    waitingPod()
    expect(await diagnoseRecovery(cluster)).toMatchObject({ code: 'recovery.unexplained' })
  })
})
