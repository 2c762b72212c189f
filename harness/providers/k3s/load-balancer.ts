import { provide } from '../../images/provide.ts'
import { imageNamed } from '../../images/request.ts'
import { hadHere } from '../../no-cluster.ts'
import { startMachine } from '../../nodes/machine-container.ts'
import { run } from '../../process.ts'
import { haproxyImage } from '../kubeadm/load-balancer.ts'
import type { ProviderContext } from '../provider.ts'
import { supervisorPort } from './paths.ts'
import { type ClusterPlan, hasApiServer, type Machine } from './plan.ts'

const configFile = '/usr/local/etc/haproxy/haproxy.cfg'

/**
 * Starts the load balancer in front of the API servers; those that do not answer yet get no traffic.
 * @throws {UnavailableCluster} where no way leads to its image
 */
export async function startLoadBalancer(plan: ClusterPlan, { run: settings }: ProviderContext): Promise<void> {
  const options = settings.offline ? { offline: true } : {}
  const { reference } = await hadHere('k3s', () => provide(imageNamed(haproxyImage), options))
  await startMachine(settings, {
    ...plan.endpoint,
    image: reference,
    network: plan.network.name,
    files: [{ path: configFile, content: loadBalancerConfig(plan.machines) }],
    ports: { [supervisorPort]: plan.apiPort },
    entrypoint: ['haproxy'],
    // Master and worker: a reload (SIGUSR2) keeps the connections that there are.
    command: ['-W', '-db', '-f', configFile],
  })
}

/** Tells the load balancer of the machines that there are now. */
export async function updateLoadBalancer({ endpoint }: ClusterPlan, machines: readonly Machine[]): Promise<void> {
  await run('docker', ['exec', '--interactive', endpoint.name, 'sh', '-c', `cat >${configFile}`], {
    input: loadBalancerConfig(machines),
  })
  await run('docker', ['kill', '--signal', 'USR2', endpoint.name])
}

/**
 * Layer 4, as in docs.k3s.io, Cluster Load Balancer. The servers let nobody ask `/readyz` who has no certificate: 401 is
 * the API server's own answer, where the supervisor without one says 503.
 */
export function loadBalancerConfig(machines: readonly Pick<Machine, 'name' | 'address' | 'roles'>[]): string {
  const servers = machines
    .filter(hasApiServer)
    .map(({ name, address }) => `  server ${name} ${address}:${supervisorPort} check check-ssl verify none`)
  return `global
  log stdout format raw local0 notice
defaults
  mode tcp
  log global
  timeout connect 2s
  # Watches are quiet for minutes.
  timeout client 1h
  timeout server 1h
  timeout check 2s
frontend api
  bind :${supervisorPort}
  default_backend servers
backend servers
  option httpchk GET /readyz
  http-check expect rstatus ^(200|401)$
  default-server inter 1s downinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join('\n')}
`
}
