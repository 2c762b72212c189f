import path from 'node:path'

import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

import { hostAddress } from '../../nodes/machine-network.ts'
import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import {
  discoveryFile,
  etcdCertificateConfiguration,
  initConfiguration,
  type JoinCredentials,
  joinConfiguration,
  patchFiles,
} from './kubeadm-config.ts'
import { type ClusterPlan, type Machine, planCluster } from './plan.ts'

type Nodes = ClusterDefinitionInput['nodes']

const token = 'abcdef.0123456789abcdef'
const network = { name: 'c', subnet: '10.9.0.0/24', address: (index: number) => hostAddress('10.9.0.0/24', 10 + index) }

const stacked: Nodes = [
  { name: 'cp', roles: ['control-plane'] },
  { name: 'worker', roles: ['worker'] },
]
const apart: Nodes = [
  { name: 'e1', roles: ['etcd'] },
  { name: 'e2', roles: ['etcd'] },
  { name: 'cp', roles: ['control-plane'] },
  { name: 'worker', roles: ['worker'] },
]

const planned = (nodes: Nodes, changes: Partial<ClusterDefinitionInput> = {}) =>
  planCluster('c', defineCluster({ name: 'x', provider: 'kubeadm', nodes, ...changes }), network, {
    apiPort: 7443,
    token,
  })

function machineOf({ machines }: ClusterPlan, name: string): Machine {
  const found = machines.find(({ definition }) => definition.name === name)
  if (found === undefined) throw new RangeError(`no machine ${name}`)
  return found
}

const document = z.looseObject({ kind: z.string() })

/** The documents of a configuration file, in their order. */
const read = (text: string) => parseAllDocuments(text).map((one) => document.parse(one.toJS()))
const kinds = (text: string) => read(text).map(({ kind }) => kind)
const only = (text: string, kind: string) => read(text).filter((one) => one.kind === kind)

const init = (nodes: Nodes, changes: Partial<ClusterDefinitionInput> = {}) => {
  const plan = planned(nodes, changes)
  return initConfiguration(plan, machineOf(plan, 'cp'), 'its-name')
}
const join = (name: string, how: JoinCredentials = {}) => {
  const plan = planned(stacked)
  return joinConfiguration(plan, machineOf(plan, name), 'its-name', how)
}

describe('initConfiguration', () => {
  it('is one document of each kind', () => {
    expect(kinds(init(stacked))).toEqual([
      'InitConfiguration',
      'ClusterConfiguration',
      'KubeletConfiguration',
      'KubeProxyConfiguration',
    ])
  })

  it('has the token for ever, the address of the machine, and the name that it came to', () => {
    expect(only(init(stacked), 'InitConfiguration')).toMatchObject([
      {
        bootstrapTokens: [{ token, ttl: '0s' }],
        localAPIEndpoint: { advertiseAddress: '10.9.0.12', bindPort: 6443 },
        nodeRegistration: { name: 'its-name', kubeletExtraArgs: [{ name: 'node-ip', value: '10.9.0.12' }] },
      },
    ])
  })

  it('lets clients in by every way to the API: the loopback, the endpoint, the machine', () => {
    const ha: Nodes = [...stacked, { name: 'cp2', roles: ['control-plane'] }]
    expect(only(init(ha), 'ClusterConfiguration')).toMatchObject([
      {
        kubernetesVersion: '@KUBERNETES@',
        controlPlaneEndpoint: 'c-load-balancer:6443',
        apiServer: { certSANs: ['localhost', '127.0.0.1', 'c-load-balancer', '10.9.0.10', 'c-cp'] },
      },
    ])
    expect(only(init(stacked), 'ClusterConfiguration')).toMatchObject([{ controlPlaneEndpoint: 'c-cp:6443' }])
  })

  it('has etcd beside the API server, with its flags, where no machine is for etcd alone', () => {
    const components = { etcd: { extraArgs: { 'snapshot-count': '100' } } }
    expect(only(init(stacked, { components }), 'ClusterConfiguration')[0]?.['etcd']).toEqual({
      local: { dataDir: '/var/lib/etcd', extraArgs: [{ name: 'snapshot-count', value: '100' }] },
    })
  })

  it('has the machines of etcd alone as endpoints where there are any', () => {
    expect(only(init(apart), 'ClusterConfiguration')[0]?.['etcd']).toEqual({
      external: {
        endpoints: ['https://c-e1:2379', 'https://c-e2:2379'],
        caFile: '/etc/kubernetes/pki/etcd/ca.crt',
        certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
        keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
      },
    })
  })

  it('passes the flags of components as lists, as v1beta4 has them', () => {
    const components: ClusterDefinitionInput['components'] = {
      apiServer: { extraArgs: { v: '4', 'audit-log-path': '-' } },
      controllerManager: { extraArgs: { 'node-monitor-grace-period': '20s' } },
      scheduler: { extraArgs: { v: '2' } },
    }
    expect(only(init(stacked, { components }), 'ClusterConfiguration')).toMatchObject([
      {
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        apiServer: {
          extraArgs: [
            { name: 'v', value: '4' },
            { name: 'audit-log-path', value: '-' },
          ],
        },
        controllerManager: {
          extraArgs: [
            { name: 'kube-api-qps', value: '200' },
            { name: 'kube-api-burst', value: '400' },
            { name: 'node-monitor-grace-period', value: '20s' },
          ],
        },
        scheduler: { extraArgs: [{ name: 'v', value: '2' }] },
      },
    ])
  })

  it.each<[string, Nodes, object]>([
    ['lets pods run on a control plane where there are no workers', stacked.slice(0, 1), { taints: [] }],
    [
      'lets pods run on a control plane that is a worker too',
      [{ name: 'cp', roles: ['control-plane', 'worker'] }, ...stacked.slice(1)],
      { taints: [] },
    ],
    ['leaves the taint to kubeadm where there are workers', stacked, {}],
  ])('%s', (_, nodes, taints) => {
    const [own] = only(init(nodes), 'InitConfiguration')
    const { nodeRegistration } = z.object({ nodeRegistration: z.looseObject({}) }).parse(own)
    expect('taints' in nodeRegistration ? { taints: nodeRegistration['taints'] } : {}).toEqual(taints)
  })

  it("gives the kubelet Talos' shutdown grace, and lets the definition's fields go over all", () => {
    const grace = { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' }
    expect(only(init(stacked), 'KubeletConfiguration')).toMatchObject([{ ...grace, failSwapOn: false }])
    const kubelet = { shutdownGracePeriod: '0s', imageGCHighThresholdPercent: 90 }
    expect(only(init(stacked, { kubelet }), 'KubeletConfiguration')).toMatchObject([{ ...grace, ...kubelet }])
  })
})

describe('patches of the definition', () => {
  it('are merged into the document of their kind, later ones over earlier ones, and into no other', () => {
    const kubeadmPatches = [
      { kind: 'ClusterConfiguration', networking: { podSubnet: '10.1.0.0/16' }, apiServer: { certSANs: ['only'] } },
      { kind: 'ClusterConfiguration', networking: { dnsDomain: 'one.local' } },
      { kind: 'ClusterConfiguration', networking: { dnsDomain: 'two.local' } },
    ]
    const text = init(stacked, { kubeadmPatches })
    expect(only(text, 'ClusterConfiguration')).toMatchObject([
      {
        networking: { podSubnet: '10.1.0.0/16', serviceSubnet: '10.96.0.0/16', dnsDomain: 'two.local' },
        // A list is replaced; what stands beside it stays.
        apiServer: { certSANs: ['only'], extraArgs: [] },
      },
    ])
    const others = (all: string) => read(all).filter(({ kind }) => kind !== 'ClusterConfiguration')
    expect(others(text)).toEqual(others(init(stacked)))
  })

  it('reach machines that join, and add no document of a kind that is not there', () => {
    const kubeadmPatches = [
      { kind: 'JoinConfiguration', timeouts: { discovery: '1m' } },
      { kind: 'ResetConfiguration', force: true },
    ]
    const plan = planned(stacked, { kubeadmPatches })
    const text = joinConfiguration(plan, machineOf(plan, 'worker'), 'its-name')
    expect(read(text)).toMatchObject([{ kind: 'JoinConfiguration', timeouts: { discovery: '1m' } }])
  })
})

describe('joinConfiguration', () => {
  const discovery = (text: string) => read(text)[0]?.['discovery']

  it('makes a control plane only of a machine with that role', () => {
    expect(read(join('cp'))).toMatchObject([
      { controlPlane: { localAPIEndpoint: { advertiseAddress: '10.9.0.12', bindPort: 6443 } } },
    ])
    expect(read(join('worker'))[0]).not.toHaveProperty('controlPlane')
    expect(read(join('worker'))).toMatchObject([
      { nodeRegistration: { name: 'its-name', kubeletExtraArgs: [{ name: 'node-ip', value: '10.9.0.13' }] } },
    ])
  })

  it("joins at the endpoint, with the cluster's own token or the one that is given", () => {
    expect(discovery(join('worker'))).toMatchObject({ bootstrapToken: { apiServerEndpoint: 'c-cp:6443', token } })
    const given = 'ffffff.ffffffffffffffff'
    expect(discovery(join('worker', { token: given }))).toMatchObject({ bootstrapToken: { token: given } })
  })

  it('asks nobody where the API is where it is told, and still needs the token for its certificate', () => {
    expect(discovery(join('worker', { discovery: 'a kubeconfig' }))).toEqual({
      file: { kubeConfigPath: discoveryFile },
      tlsBootstrapToken: token,
    })
  })
})

describe('patchFiles', () => {
  it('are found by whatever deploys a control plane, and by nothing else', () => {
    const folder = { directory: path.posix.dirname(patchFiles()[0]?.path ?? '') }
    expect(new Set(patchFiles().map((file) => path.posix.dirname(file.path)))).toEqual(new Set([folder.directory]))
    expect(only(init(stacked), 'InitConfiguration')).toMatchObject([{ patches: folder }])
    expect(read(join('cp'))).toMatchObject([{ patches: folder }])
    expect(read(join('worker'))[0]).not.toHaveProperty('patches')
  })
})

describe('etcdCertificateConfiguration', () => {
  it('is for the host name, and for every name that others reach the member by', () => {
    const text = etcdCertificateConfiguration(machineOf(planned(apart), 'e2'), 'its-name', 'v1.34.4')
    const names = ['c-e2', '10.9.0.13']
    expect(read(text)).toMatchObject([
      { kind: 'InitConfiguration', nodeRegistration: { name: 'its-name' } },
      {
        kind: 'ClusterConfiguration',
        kubernetesVersion: 'v1.34.4',
        etcd: { local: { serverCertSANs: names, peerCertSANs: names } },
      },
    ])
  })
})
