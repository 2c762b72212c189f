import { afterEach, beforeEach, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { KubeApiError } from '../kube/api.ts'
import { certificateRefused } from './etcd.ts'
import { explainMirror } from './mirror.ts'
import { diagnoseRecovery } from './recovery.ts'

// What the diagnosis of a recovery learns from machines themselves.

let cluster: FakeCluster
beforeEach(() => (cluster = fakeCluster(() => 0)))
afterEach(() => cluster[Symbol.asyncDispose]())

const sections = (all: Readonly<Record<string, string>>) =>
  Object.entries(all)
    .map(([name, text]) => `\n== ${name}\n${text}\n`)
    .join('')

it('asks a machine whose Node is not Ready, and has its word before the symptom', async () => {
  const conditions = [{ type: 'Ready', status: 'Unknown' }]
  cluster.api.answers.set('/api/v1/nodes/fake-worker', { metadata: metadata('fake-worker'), status: { conditions } })
  cluster.nodes[1].says = { stdout: sections({ unit: 'active\nrunning', containerd: 'failed' }) }
  expect(await diagnoseRecovery(cluster, 'fake-worker')).toMatchObject({
    code: 'machine.runtime-down',
    summary: 'containerd of fake-worker is failed',
  })
})

it('asks the control plane for the cause of an API server that does not answer', async () => {
  const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager'
  cluster.api.answers.set(lease, new KubeApiError('GET /x: ECONNREFUSED', 0))
  cluster.nodes[0].says = { stdout: sections({ manifest: 'there', errors: 'Error: unknown flag: --x' }) }
  expect(await diagnoseRecovery(cluster)).toMatchObject({ code: 'component.misconfigured' })
})

const pod = (uid: string, containerStatuses?: object[]) => ({
  metadata: { ...metadata(uid), uid },
  spec: { nodeName: 'fake-worker' },
  status: { phase: 'Pending', containerStatuses },
})
const event = (uid: string, lastTimestamp: string) => ({
  reason: 'Failed',
  message: 'mkdir /var/lib/kubelet/pods/x: no space left on device',
  lastTimestamp,
  involvedObject: { uid },
})

it.each([
  ['of its own pod, since the boot', [pod('a')], event('a', '2026-01-01T12:00:00Z'), 'machine.disk-full'],
  ['from before the boot', [pod('a')], event('a', '2025-12-31T12:00:00Z'), 'recovery.unexplained'],
  ['of a pod that is gone', [pod('a')], event('b', '2026-01-01T12:00:00Z'), 'recovery.unexplained'],
  [
    'of a pod that runs by now',
    [pod('a', [{ name: 'c', ready: false, state: { running: { startedAt: '2026-01-01T12:00:01Z' } } }])],
    event('a', '2026-01-01T12:00:00Z'),
    'recovery.unexplained',
  ],
  [
    'of a pod that runs as far as the API has heard, from before the boot',
    [pod('a', [{ name: 'c', ready: false, state: { running: { startedAt: '2025-12-31T12:00:01Z' } } }])],
    event('a', '2026-01-01T12:00:00Z'),
    'machine.disk-full',
  ],
])('counts an event %s', async (_, items, warning, code) => {
  cluster.api.answers.set('/api/v1/pods', { items })
  cluster.api.answers.set('/api/v1/events', { items: [warning] })
  expect(await diagnoseRecovery(cluster, 'fake-worker')).toMatchObject({ code })
})

it('tells members whose certificates are refused from members that are silent', () => {
  const member = (node: string, error: string) => ({ node, error, status: null })
  const view = (...members: ReturnType<typeof member>[]) => ({
    members,
    leader: null,
    quorum: false,
    indexSpread: null,
  })
  const refused = member('etcd-1', 'SSL certificate problem: unable to get local issuer certificate')
  expect(certificateRefused(view(refused))).toMatchObject({ code: 'etcd.certificate-refused' })
  expect(certificateRefused(view(refused, member('etcd-2', 'connection refused')))).toBeNull()
  expect(certificateRefused(view())).toBeNull()
})

it('tells a mirror that is not asked from one that does not find an image', () => {
  const facts = { mirror: 'spegel', servesAlone: true, instances: [], holder: null }
  const answer = (status: number) => ({ ...facts, answer: { node: 'w', status, detail: '' } })
  expect(explainMirror(answer(200)).code).toBe('mirror.not-asked')
  expect(explainMirror(answer(404)).code).toBe('mirror.not-resolved')
})
