import { describe, expect, it } from 'vitest'

import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { commandLine } from './command-line.ts'
import { type ClusterPlan, joinUrl, type Machine, planCluster } from './plan.ts'

/** docs.k3s.io/cli/agent: "all flags listed on this page are also valid for use on servers". */
const agentFlags = [
  'server',
  'node-name',
  'node-ip',
  'node-taint',
  'flannel-iface',
  'pause-image',
  'log',
  'alsologtostderr',
]

/** docs.k3s.io/cli/server, docs.k3s.io/installation/server-roles and docs.k3s.io/installation/registry-mirror. */
const serverFlags = [
  ...agentFlags,
  'cluster-init',
  'tls-san',
  'disable',
  'disable-helm-controller',
  'disable-apiserver',
  'disable-controller-manager',
  'disable-scheduler',
  'disable-etcd',
  'embedded-registry',
  'disable-network-policy',
  'kube-apiserver-arg',
  'kube-controller-manager-arg',
  'kube-scheduler-arg',
  'etcd-arg',
]

const network = {
  name: 'k',
  subnet: '172.18.0.0/16',
  address: (index: number) => `172.18.0.${10 + index}`,
}

type Roles = ClusterDefinitionInput['nodes'][number]['roles']

function plan(roles: Record<string, Roles>, changes: Partial<ClusterDefinitionInput> = {}): ClusterPlan {
  const nodes = Object.entries(roles).map(([name, own]) => ({ name, roles: own }))
  const definition = defineCluster({ name: 'k', provider: 'k3s', nodes, ...changes })
  return planCluster('k', definition, network, { apiPort: 7443, token: 'secret' })
}

/** What each machine is called with, by its name in the definition. */
function commandLines(cluster: ClusterPlan): Map<string, string[]> {
  const line = (machine: Machine) =>
    commandLine(cluster, machine, machine === cluster.first ? null : joinUrl(cluster.first))
  return new Map(cluster.machines.map((machine) => [machine.name.slice(2), line(machine)]))
}

const small = { server: ['control-plane'], agent: ['worker'] } as const
const split = {
  'etcd-1': ['etcd'],
  'etcd-2': ['etcd'],
  cp: ['control-plane'],
  worker: ['worker'],
} as const
const stacked = { a: ['control-plane'], b: ['control-plane'], c: ['control-plane', 'worker'], w: ['worker'] } as const

const everything = {
  k3s: { embeddedRegistry: true, serverArgs: {} },
  components: {
    apiServer: { extraArgs: { v: '4' } },
    controllerManager: { extraArgs: { 'node-monitor-grace-period': '20s' } },
    scheduler: { extraArgs: { v: '4' } },
    etcd: { extraArgs: { 'heartbeat-interval': '200' } },
  },
}

describe('commandLine', () => {
  it('has flags that the documentation has, for the command that it has them for, and no secret', () => {
    for (const cluster of [plan(small), plan(split, everything), plan(stacked, everything)]) {
      for (const [command, ...flags] of commandLines(cluster).values()) {
        const documented = command === 'agent' ? agentFlags : serverFlags
        for (const flag of flags) expect(documented).toContain(/^--([a-z-]+)(=|$)/.exec(flag)?.[1])
        expect(flags.join(' ')).not.toContain('secret')
      }
    }
  })

  it('is a server with SQLite and an agent where nothing more is asked for', () => {
    const lines = commandLines(plan(small))
    expect(lines.get('server')).toEqual([
      'server',
      '--disable=traefik,servicelb,metrics-server,local-storage',
      '--disable-helm-controller',
      '--node-name=k-server',
      '--node-ip=172.18.0.11',
      '--flannel-iface=eth0',
      '--pause-image=rancher/mirrored-pause:3.6',
      '--log=/var/log/k3s.log',
      '--alsologtostderr',
      '--node-taint=node-role.kubernetes.io/control-plane=true:NoSchedule',
    ])
    expect(lines.get('agent')).toEqual([
      'agent',
      '--server=https://172.18.0.11:6443',
      '--node-name=k-agent',
      '--node-ip=172.18.0.12',
      '--flannel-iface=eth0',
      '--pause-image=rancher/mirrored-pause:3.6',
      '--log=/var/log/k3s.log',
      '--alsologtostderr',
    ])
  })

  /** docs.k3s.io/installation/server-roles */
  it('gives dedicated servers the components of their role', () => {
    const lines = commandLines(plan(split))
    const etcdOnly = ['--disable-apiserver', '--disable-controller-manager', '--disable-scheduler']
    expect(lines.get('etcd-1')?.slice(0, 5)).toEqual(['server', '--cluster-init', ...etcdOnly])
    expect(lines.get('etcd-2')?.slice(0, 5)).toEqual(['server', '--server=https://172.18.0.11:6443', ...etcdOnly])
    expect(lines.get('cp')?.slice(0, 3)).toEqual(['server', '--server=https://172.18.0.11:6443', '--disable-etcd'])
    expect(lines.get('worker')?.slice(0, 2)).toEqual(['agent', '--server=https://172.18.0.11:6443'])
    expect(lines.get('etcd-1')).toContain('--node-taint=node-role.kubernetes.io/etcd=true:NoSchedule')
  })

  /** docs.k3s.io/datastore/ha-embedded and docs.k3s.io/datastore/cluster-loadbalancer */
  it('has several servers share etcd, behind a load balancer that their certificates name', () => {
    const cluster = plan(stacked)
    const lines = commandLines(cluster)
    expect(lines.get('a')?.slice(0, 3)).toEqual(['server', '--cluster-init', '--tls-san=172.18.0.10'])
    expect(lines.get('b')?.slice(0, 3)).toEqual([
      'server',
      '--server=https://172.18.0.11:6443',
      '--tls-san=172.18.0.10',
    ])
    expect(cluster).toMatchObject({ loadBalanced: true, endpoint: { address: '172.18.0.10' } })
  })

  it('runs etcd on a single server that is asked for it', () => {
    const alone = { server: ['control-plane', 'etcd'] } as const
    expect(commandLines(plan(alone)).get('server')?.[1]).toBe('--cluster-init')
  })

  it('taints nothing where a machine is a worker, or no machine is', () => {
    expect(commandLines(plan(stacked)).get('c')?.join(' ')).not.toContain('taint')
    expect(
      commandLines(plan({ server: ['control-plane'] }))
        .get('server')
        ?.join(' '),
    ).not.toContain('taint')
  })

  it("hands the components' flags to the servers that run them", () => {
    const lines = commandLines(plan(split, everything))
    const passedOn = (name: string) => lines.get(name)?.filter((flag) => /-arg=/.test(flag))
    expect(passedOn('etcd-1')).toEqual(['--etcd-arg=heartbeat-interval=200'])
    expect(passedOn('cp')).toEqual([
      '--kube-apiserver-arg=v=4',
      '--kube-controller-manager-arg=node-monitor-grace-period=20s',
      '--kube-scheduler-arg=v=4',
    ])
    expect(passedOn('worker')).toEqual([])
  })

  /** docs.k3s.io/installation/registry-mirror: "server nodes must be started with the --embedded-registry flag" */
  it('turns the embedded registry mirror on at the servers, which tell the agents', () => {
    const lines = commandLines(plan(split, everything))
    const on = [...lines].filter(([, flags]) => flags.includes('--embedded-registry')).map(([name]) => name)
    expect(on).toEqual(['etcd-1', 'etcd-2', 'cp'])
  })

  /** docs.k3s.io/networking/networking-services: "network policies are enforced by kube-router ... by default" */
  it('leaves NetworkPolicy to its own controller, unless there is to be none', () => {
    const without = plan(small, { network: { policy: 'none' } })
    expect(commandLines(without).get('server')).toContain('--disable-network-policy')
    expect(commandLines(without).get('agent')?.join(' ')).not.toContain('network-policy')
    const enforced = plan(small, { network: { policy: 'kube-router' } })
    expect(commandLines(enforced)).toEqual(commandLines(plan(small)))
    expect(commandLines(enforced).get('server')?.join(' ')).not.toContain('network-policy')
  })

  it("ends with the definition's own flags, on servers only", () => {
    const k3s = { serverArgs: { snapshotter: 'native', debug: 'true' } }
    const lines = commandLines(plan(small, { k3s }))
    expect(lines.get('server')?.slice(-2)).toEqual(['--snapshotter=native', '--debug=true'])
    expect(lines.get('agent')?.join(' ')).not.toContain('snapshotter')
  })
})
