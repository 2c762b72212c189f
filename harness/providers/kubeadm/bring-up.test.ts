import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../../fake-cluster.ts'
import { FakeMember } from '../../fake-etcd.ts'
import { KubeApiError } from '../../kube/api.ts'
import { hostAddress } from '../../nodes/machine-network.ts'
import type { ExecOptions } from '../../nodes/node.ts'
import { CommandError, type RunResult } from '../../process.ts'
import { defineCluster } from '../../topology.ts'
import {
  applyPodNetwork,
  awaitApi,
  awaitMember,
  type BootedMachine,
  distributeEtcdCertificates,
  joinMachine,
  kubeadmFile,
  showEtcd,
  startEtcd,
} from './bring-up.ts'
import { planCluster } from './plan.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

/** A machine that keeps what is written on it. */
class WritableMember extends FakeMember {
  readonly files = new Map<string, string>()
  readonly limits = new Map<string, number>()
  /** What its next `kubeadm` ends with. */
  failure: Error | null = null

  override async exec(command: readonly [string, ...string[]], options: ExecOptions = {}): Promise<RunResult> {
    const { input, timeoutMs } = options
    const result = await super.exec(command)
    if (command[0] === 'sh' && input !== undefined) this.#write(command.slice(4), Buffer.from(input))
    if (command[0] === 'kubectl') this.files.set('applied', input ?? '')
    if (timeoutMs !== undefined) this.limits.set(command.join(' '), timeoutMs)
    if (command.join(' ').includes('kubeadm join') && this.failure !== null) throw this.failure
    return result
  }

  /** A path and a number of bytes for each file. */
  #write([path = '', bytes, ...rest]: readonly string[], input: Buffer): void {
    if (bytes === undefined) return
    this.files.set(path, input.subarray(0, Number(bytes)).toString())
    this.#write(rest, input.subarray(Number(bytes)))
  }
}

const network = { name: 'c', subnet: '10.9.0.0/24', address: (index: number) => hostAddress('10.9.0.0/24', 10 + index) }
const definition = defineCluster({
  name: 'x',
  provider: 'kubeadm',
  nodes: [
    { name: 'e1', roles: ['etcd'] },
    { name: 'e2', roles: ['etcd'] },
    { name: 'cp', roles: ['control-plane'] },
  ],
})
const plan = planCluster('c', definition, network, { apiPort: 7443, token: 'abcdef.0123456789abcdef' })

let cluster: FakeCluster
let nodes: WritableMember[]
let booted: BootedMachine[]

beforeEach(() => {
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  nodes = plan.machines.map(({ name, definition: { roles } }, index) => {
    return new WritableMember(name, roles, { id: String(index + 1) })
  })
  // The second one came to another name than its machine's.
  booted = plan.machines.flatMap((machine, index) => {
    const node = nodes[index]
    return node === undefined ? [] : [{ machine, node, hostname: index === 1 ? 'unnamed-7' : machine.name }]
  })
})
afterEach(() => cluster[Symbol.asyncDispose]())

const members = () => booted.slice(0, 2)
const controlPlane = () => booted.slice(2)
const first = <T>([one]: readonly T[]): T => {
  if (one === undefined) throw new RangeError('none')
  return one
}

describe('distributeEtcdCertificates', () => {
  it('makes one authority on the first member, and gives it to all of them and to the control planes', async () => {
    first(nodes).answers.set('cat /etc/kubernetes/pki/etcd/ca.crt', { stdout: 'a certificate' })
    first(nodes).answers.set('cat /etc/kubernetes/pki/etcd/ca.key', { stdout: 'a key' })
    const authority = await distributeEtcdCertificates(plan, members(), controlPlane(), 'v1.34.4')
    expect(authority).toEqual({ certificate: 'a certificate', key: 'a key' })
    for (const { files } of nodes) expect(files.get('/etc/kubernetes/pki/etcd/ca.crt')).toBe('a certificate')
    const phases = nodes.map(({ done }) =>
      done.flatMap((command) => /init phase certs (\S+)/.exec(command)?.[1] ?? []).toSorted(),
    )
    const member = ['etcd-healthcheck-client', 'etcd-peer', 'etcd-server']
    expect(phases).toEqual([['etcd-ca', ...member], member, ['apiserver-etcd-client']])
  })

  it('leaves the key of the authority on no machine', async () => {
    await distributeEtcdCertificates(plan, members(), controlPlane(), 'v1.34.4')
    for (const { done } of nodes) expect(done.at(-1)).toBe('rm /etc/kubernetes/pki/etcd/ca.key')
  })

  it('makes certificates for the name that each machine came to', async () => {
    await distributeEtcdCertificates(plan, members(), controlPlane(), 'v1.34.4')
    const file = '/etc/kubernetes/etcd-certificates.yaml'
    expect(nodes.map(({ files }) => /^ {2}name: (.*)$/m.exec(files.get(file) ?? '')?.[1])).toEqual([
      'c-e1',
      'unnamed-7',
      'c-cp',
    ])
  })
})

describe('showEtcd', () => {
  const pods = '/api/v1/namespaces/kube-system/pods'
  const one = defineCluster({ name: 'x', provider: 'kubeadm', nodes: [{ name: 'cp', roles: ['control-plane'] }] })
  const stacked = planCluster('c', one, network, { apiPort: 7443, token: 'abcdef.0123456789abcdef' })

  it('restarts a kubelet that has not told the API of its etcd, and no other', async () => {
    const host = first(controlPlane())
    cluster.api.answers.set(pods, { items: [{ metadata: { name: 'etcd-c-cp' } }] })
    await showEtcd(stacked, host, cluster.api)
    expect(first(nodes.slice(2)).done).toEqual([])
    cluster.api.answers.set(pods, { items: [] })
    await showEtcd(stacked, host, cluster.api)
    expect(first(nodes.slice(2)).done).toEqual(['systemctl restart kubelet'])
  })

  it('asks for no Pod of an etcd that is none', async () => {
    cluster.api.answers.set(pods, new Error('it was asked'))
    await showEtcd(plan, first(controlPlane()), cluster.api)
    expect(first(nodes.slice(2)).done).toEqual([])
  })
})

describe('startEtcd', () => {
  it('tells every member of all of them, by their names and by the hosts that they are at', async () => {
    await startEtcd(plan, members(), cluster)
    for (const { files, done } of nodes.slice(0, 2)) {
      const settings = files.get('/etc/etcd.env')
      expect(settings).toContain('ETCD_INITIAL_CLUSTER=c-e1=https://c-e1:2380,unnamed-7=https://c-e2:2380\n')
      expect(settings).toContain('ETCD_INITIAL_CLUSTER_STATE=new\n')
      expect(done).toContain('systemctl start --no-block etcd')
    }
  })
})

describe('awaitMember', () => {
  it('says of an etcd that does not answer where it is, what its unit says, and what it was given', async () => {
    const node = first(nodes)
    node.state.up = false
    node.answers.set('systemctl is-active', { stdout: 'activating\n' })
    const complaint = 'flag provided but not defined: -no-such-flag'
    node.answers.set('journalctl', { stdout: `${complaint}\nUsage:\n  etcd [flags]\n${complaint}\n` })
    await expect(awaitMember(first(booted), cluster)).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 3,
      message:
        'the external etcd at https://c-e1:2379 does not answer: etcd.service is activating\n  ' +
        'flag provided but not defined: -no-such-flag',
      hint: expect.stringContaining('components.etcd.extraArgs'),
      cause: expect.objectContaining({
        message: expect.stringMatching(/^etcd on c-e1 answers: not within 30 s[^]*Failed to connect/),
      }),
    })
  })

  it('asks of a learner only what it has itself', async () => {
    first(nodes).state.ailment = 'RAFT NO LEADER'
    await expect(awaitMember(first(booted), cluster, { serializable: true })).resolves.toBeUndefined()
    await expect(awaitMember(first(booted), cluster)).rejects.toThrow(/does not answer/)
  })
})

describe('kubeadm', () => {
  const ended = (stderr: string, stdout = '') =>
    new CommandError({
      command: 'kubeadm join',
      outcome: 'exit code 1',
      exitCode: 1,
      timedOut: false,
      stdout,
      stderr,
      cause: undefined,
    })
  const stale =
    'error execution phase preflight: couldn\'t validate the identity of the API Server: could not find a JWS signature in the cluster-info ConfigMap for token ID "abcdef"'

  it('joins by the configuration of the name that the machine came to, and by what it is given to find the API', async () => {
    const node = first(nodes.slice(1))
    await joinMachine(plan, first(booted.slice(1)), { discovery: 'a kubeconfig: über\n' })
    expect(node.files.get(kubeadmFile)).toMatch(/kind: JoinConfiguration\n[^]*name: unnamed-7\n/)
    expect(node.files.get('/etc/kubernetes/discovery.conf')).toBe('a kubeconfig: über\n')
    const limited = [...node.limits].find(([command]) => command.includes('exec kubeadm join --config "$1"'))
    expect(limited?.[0]).toMatch(new RegExp(`${kubeadmFile}$`))
    // Far beyond what any other command may take.
    expect(limited?.[1]).toBeGreaterThan(4 * 60_000)
  })

  it.each([ended(stale), ended('', `[discovery] ${stale}\n`)])(
    'says of a token that the cluster does not know which one that is, and what to do',
    async (failure) => {
      first(nodes).failure = failure
      await expect(joinMachine(plan, first(booted))).rejects.toMatchObject({
        name: 'UserError',
        exitCode: 2,
        message: 'c-e1 cannot join: the cluster does not know the bootstrap token abcdef.…',
        hint: expect.stringContaining('kubeadm token create'),
        cause: failure,
      })
    },
  )

  it.each([ended('error: the kubelet is not running'), new Error(stale)])(
    'hands every other failure on as it is: %s',
    async (failure) => {
      first(nodes).failure = failure
      await expect(joinMachine(plan, first(booted))).rejects.toBe(failure)
    },
  )
})

describe('applyPodNetwork', () => {
  it("applies the image's manifest with the range of the cluster's pods", async () => {
    const node = first(nodes)
    const document = (blanks: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: net }\ndata: { net: "{{${blanks}.PodSubnet${blanks}}}" }\n`
    node.answers.set('default-cni.yaml', { stdout: `${document('')}---\n${document(' ')}` })
    cluster.api.answers.set('/api/v1', { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] })
    const apply = vi.spyOn(cluster.api, 'apply').mockResolvedValue()
    await applyPodNetwork(cluster.api, node)
    const net = expect.objectContaining({ data: { net: '10.244.0.0/16' } })
    const path = '/api/v1/namespaces/default/configmaps/net'
    expect(apply.mock.calls).toEqual([
      [path, net],
      [path, net],
    ])
  })
})

describe('awaitApi', () => {
  it('waits until the API is ready and lets its administrator in', async () => {
    cluster.api.answers.set('/readyz', new KubeApiError('GET /readyz: 500 etcd failed', 500))
    await expect(awaitApi(cluster.api, 'c', cluster)).rejects.toThrow(
      /^the API of c answers: not within 4 min[^]*etcd failed/,
    )
    cluster.api.answers.set('/readyz', 'ok')
    cluster.api.answers.set('/api/v1/nodes', new KubeApiError('GET /api/v1/nodes: 403 nodes is forbidden', 403))
    await expect(awaitApi(cluster.api, 'c', cluster)).rejects.toThrow(/nodes is forbidden/)
    cluster.api.answers.set('/api/v1/nodes', { items: [] })
    await expect(awaitApi(cluster.api, 'c', cluster)).resolves.toBeUndefined()
  })
})
