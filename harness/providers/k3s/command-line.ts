import { k3sPauseImage } from '../../images/k3s-versions.ts'
import { logFile } from './paths.ts'
import { type ClusterPlan, hasApiServer, isServer, type Machine } from './plan.ts'

/**
 * What the machine calls k3s with, without the program's name. The token is in its environment, `K3S_TOKEN`.
 * Flags and roles: docs.k3s.io, `k3s server`, `k3s agent`, Managing Server Roles, High Availability Embedded etcd.
 * @param join the server that it joins, by its URL; null: it starts the cluster
 */
export function commandLine(plan: ClusterPlan, machine: Machine, join: string | null): string[] {
  return isServer(machine) ? server(plan, machine, join) : agent(plan, machine, join)
}

function agent(plan: ClusterPlan, machine: Machine, join: string | null): string[] {
  return ['agent', ...(join === null ? [] : [`--server=${join}`]), ...nodeFlags(plan, machine)]
}

function server(plan: ClusterPlan, machine: Machine, join: string | null): string[] {
  const { k3s, components, network } = plan.definition
  return [
    'server',
    ...(join === null ? (machine.member ? ['--cluster-init'] : []) : [`--server=${join}`]),
    ...roleFlags(plan, machine),
    ...(plan.loadBalanced ? [`--tls-san=${plan.endpoint.address}`] : []),
    // Each would need images of its own on machines that can pull none. No scenario uses them.
    '--disable=traefik,servicelb,metrics-server,local-storage',
    '--disable-helm-controller',
    ...(network.policy === 'none' ? ['--disable-network-policy'] : []),
    ...(k3s.embeddedRegistry ? ['--embedded-registry'] : []),
    ...(hasApiServer(machine)
      ? [
          ...passedOn('kube-apiserver-arg', components.apiServer),
          ...passedOn('kube-controller-manager-arg', components.controllerManager),
          ...passedOn('kube-scheduler-arg', components.scheduler),
        ]
      : []),
    ...(machine.member ? passedOn('etcd-arg', components.etcd) : []),
    ...nodeFlags(plan, machine),
    ...Object.entries(k3s.serverArgs).map(([name, value]) => `--${name}=${value}`),
  ]
}

/** A server has every component unless it is told which to leave out. */
function roleFlags({ machines }: ClusterPlan, machine: Machine): string[] {
  if (!hasApiServer(machine)) return ['--disable-apiserver', '--disable-controller-manager', '--disable-scheduler']
  // Without embedded etcd the datastore is SQLite, and there is no etcd to disable.
  return machine.member || !machines.some(({ member }) => member) ? [] : ['--disable-etcd']
}

/** Every server runs an agent as well, so that these are for all machines. */
function nodeFlags({ machines }: ClusterPlan, machine: Machine): string[] {
  const dedicated = machines.some(({ roles }) => roles.includes('worker')) && !machine.roles.includes('worker')
  return [
    `--node-name=${machine.name}`,
    `--node-ip=${machine.address}`,
    '--flannel-iface=eth0',
    `--pause-image=${k3sPauseImage}`,
    `--log=${logFile}`,
    '--alsologtostderr',
    // k3s lets workloads onto its servers. Where there are workers, the definition's other machines are none.
    ...(dedicated ? [`--node-taint=node-role.kubernetes.io/${taintedRole(machine)}=true:NoSchedule`] : []),
  ]
}

function taintedRole(machine: Machine): 'control-plane' | 'etcd' {
  return hasApiServer(machine) ? 'control-plane' : 'etcd'
}

function passedOn(flag: string, component: { readonly extraArgs: Record<string, string> } | undefined): string[] {
  return Object.entries(component?.extraArgs ?? {}).map(([name, value]) => `--${flag}=${name}=${value}`)
}
