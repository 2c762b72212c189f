import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { egressPolicy } from '../kube/egress-policy.ts'
import { tcpFromNode, tcpFromPod } from '../probes/tcp-packet.ts'
import { blockEgressPolicy } from './block-egress-policy.ts'
import { MissingCapability, NeverStruck, NoEvidence } from './fault.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))
vi.mock('../probes/tcp-packet.ts', { spy: true })

const passed = { passed: true, said: '' }
const lost = { passed: false, said: 'Could not connect to server' }
const policy = { namespace: 'x', spec: egressPolicy({ app: 'web' }) }
const path = '/apis/networking.k8s.io/v1/namespaces/x/networkpolicies/clusterproof-block-egress'

let cluster: FakeCluster
/** Paths of the policies that there are. */
let applied: string[]

beforeEach(() => {
  vi.resetAllMocks()
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  applied = []
  vi.spyOn(cluster.api, 'apply').mockImplementation(async (url) => void applied.push(url))
  vi.spyOn(cluster.api, 'delete').mockImplementation(async (url) => void applied.splice(applied.indexOf(url), 1))
  cluster.api.answers.set('/api/v1/namespaces/default/services/kubernetes', {
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] },
  })
  pods(pod('other', 'other'), pod('web', 'web'))
  vi.mocked(tcpFromPod).mockImplementation(async () => (applied.length > 0 ? lost : passed))
  vi.mocked(tcpFromNode).mockResolvedValue(passed)
})
afterEach(() => cluster[Symbol.asyncDispose]())

const pod = (name: string, app: string, nodeName = 'fake-worker') => ({
  metadata: { ...metadata(name), labels: { app } },
  spec: { nodeName },
  status: { phase: 'Running', podIP: `10.244.1.${name.length}` },
})
const pods = (...items: object[]) => void cluster.api.answers.set('/api/v1/namespaces/x/pods', { items })
const told = (kind: string) => cluster.journal.records().find((record) => record.kind === kind)

describe('blockEgressPolicy', () => {
  it('has struck once a pod that it selects no longer reaches what it reached before', async () => {
    vi.mocked(tcpFromPod).mockResolvedValueOnce(passed).mockResolvedValueOnce(passed)
    const fault = await blockEgressPolicy(cluster, policy)
    expect(applied).toEqual([path])
    expect(tcpFromPod).toHaveBeenLastCalledWith(cluster.nodes[1], '10.244.1.3', { ip: '10.96.0.1', port: 443 })
    expect(told('struck')).toMatchObject({
      subject: 'networkpolicy/x/clusterproof-block-egress',
      data: {
        evidence: {
          target: { ip: '10.96.0.1', port: 443 },
          blocked: [
            {
              from: 'pod web (10.244.1.3, fake-worker)',
              said: 'Could not connect to server',
              control: 'fake-worker itself reaches it',
            },
          ],
          tookMs: 250,
        },
      },
    })
    await fault.heal()
    expect(applied).toEqual([])
    expect(cluster.faults).toMatchObject([
      { name: 'block-egress-policy', node: 'NetworkPolicy x/clusterproof-block-egress', healedAt: 1_250 },
    ])
  })

  it('shows it by another target where the policy allows the API', async () => {
    const target = { ip: '10.96.0.10', port: 53 }
    await using _ = await blockEgressPolicy(cluster, { ...policy, name: 'no-dns' }, { target })
    expect(tcpFromPod).toHaveBeenLastCalledWith(cluster.nodes[1], '10.244.1.3', target)
    expect(applied).toEqual(['/apis/networking.k8s.io/v1/namespaces/x/networkpolicies/no-dns'])
  })

  it('has struck once it is in force on every node that has such a pod, and one of a node is enough', async () => {
    pods(pod('web', 'web'), pod('web-2', 'web'), pod('remote', 'web', 'fake-control-plane'))
    let looks = 0
    vi.mocked(tcpFromPod).mockImplementation(async ({ name }) => {
      // The control plane's enforcer is slower by two looks.
      if (applied.length === 0) return passed
      return name === 'fake-control-plane' && (looks += 1) <= 2 ? passed : lost
    })
    await using _ = await blockEgressPolicy(cluster, policy)
    expect(told('struck')).toMatchObject({
      data: {
        evidence: {
          tookMs: 500,
          blocked: [
            { from: 'pod web (10.244.1.3, fake-worker)' },
            { from: 'pod remote (10.244.1.6, fake-control-plane)' },
          ],
        },
      },
    })
  })

  it('is no fault where the node does not reach it either: nobody can tell what the policy does', async () => {
    vi.mocked(tcpFromNode).mockResolvedValue(lost)
    await expect(blockEgressPolicy(cluster, policy)).rejects.toThrow(
      /not within 30 s.*web does not: Could not connect to server \(nor does its node: Could not connect to server\)/s,
    )
    expect(applied).toEqual([])
  })

  it('leaves no policy behind where no packet can be sent any more', async () => {
    vi.mocked(tcpFromPod).mockImplementation(async () => {
      if (applied.length > 0) throw new Error('fake-worker is off')
      return passed
    })
    await expect(blockEgressPolicy(cluster, policy)).rejects.toThrow(NoEvidence)
    expect(applied).toEqual([])
  })

  it('is no fault where the pod did not reach it before either', async () => {
    vi.mocked(tcpFromPod).mockResolvedValue(lost)
    await expect(blockEgressPolicy(cluster, policy)).rejects.toThrow(
      new NoEvidence(
        'block-egress-policy: pod web (10.244.1.3, fake-worker) does not reach 10.96.0.1:443 as it is: ' +
          'Could not connect to server',
      ),
    )
    expect(applied).toEqual([])
  })

  it('is no fault where nothing holds the packet back, and leaves no policy behind', async () => {
    vi.mocked(tcpFromPod).mockResolvedValue(passed)
    await expect(blockEgressPolicy(cluster, policy)).rejects.toThrow(/^block-egress-policy: pod web .* not within 30 s/)
    expect(applied).toEqual([])
  })

  it('looks at pods that come later, beside a packet of their node', async () => {
    pods(pod('other', 'other'))
    const fault = await blockEgressPolicy(cluster, policy)
    expect(told('struck')).toMatchObject({ data: { evidence: null } })
    pods(pod('web', 'web'))
    vi.mocked(tcpFromNode).mockResolvedValueOnce(lost)
    expect(await fault.evidence()).toMatchObject({ blocked: [{ control: 'fake-worker itself reaches it' }] })
    expect(tcpFromNode).toHaveBeenCalledTimes(2)
    await fault.heal()
    expect(applied).toEqual([])
  })

  it('never struck where no pod of those that it selects came until it was healed', async () => {
    pods()
    const fault = await blockEgressPolicy(cluster, policy)
    await expect(fault.heal()).rejects.toThrow(NeverStruck)
    expect(applied).toEqual([])
  })

  it.each([[['node-access']], [['network-policy']]] as const)('needs more than %j', async (able) => {
    await using other = fakeCluster(() => 0, able)
    await expect(blockEgressPolicy(other, policy)).rejects.toThrow(MissingCapability)
  })
})
