import { provide } from '../../images/provide.ts'
import { imageNamed } from '../../images/request.ts'
import { startMachine } from '../../nodes/machine-container.ts'
import { run } from '../../process.ts'
import type { ProviderContext } from '../provider.ts'
import { apiServerPort, type ClusterPlan, type Machine } from './plan.ts'

/** Where a node image of other people is used: haproxy's own image. This project's node image has haproxy in it. */
export const haproxyImage = 'docker.io/library/haproxy:3.2-alpine'

const configFile = '/usr/local/etc/haproxy/haproxy.cfg'

/** Starts the load balancer in front of the API servers; those that do not answer yet get no traffic. */
export async function startLoadBalancer(
  plan: ClusterPlan,
  controlPlanes: readonly Machine[],
  nodeImage: string,
  { run: settings }: ProviderContext,
): Promise<void> {
  await startMachine(settings, {
    ...plan.endpoint,
    image: await loadBalancerImage(nodeImage, settings.offline),
    network: plan.network.name,
    files: [{ path: configFile, content: loadBalancerConfig(controlPlanes) }],
    ports: { [apiServerPort]: plan.apiPort },
    entrypoint: ['haproxy'],
    // Master and worker: a reload (SIGUSR2) keeps the connections that there are.
    command: ['-W', '-db', '-f', configFile],
  })
}

async function loadBalancerImage(nodeImage: string, offline: boolean): Promise<string> {
  if (nodeImage.startsWith('clusterproof/node:')) return nodeImage
  return (await provide(imageNamed(haproxyImage), offline ? { offline } : {})).reference
}

/** Tells the load balancer of the control planes that there are now. */
export async function updateLoadBalancer(plan: ClusterPlan, controlPlanes: readonly Machine[]): Promise<void> {
  const { name } = plan.endpoint
  await run('docker', ['exec', '--interactive', name, 'sh', '-c', `cat >${configFile}`], {
    input: loadBalancerConfig(controlPlanes),
  })
  await run('docker', ['kill', '--signal', 'USR2', name])
}

/** Layer 4: the API's TLS ends at the API server. A server counts once `/readyz` says so, asked once a second. */
export function loadBalancerConfig(controlPlanes: readonly Pick<Machine, 'name' | 'address'>[]): string {
  const servers = controlPlanes.map(
    ({ name, address }) => `  server ${name} ${address}:${apiServerPort} check check-ssl verify none`,
  )
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
  bind :${apiServerPort}
  default_backend servers
backend servers
  option httpchk GET /readyz
  http-check expect status 200
  default-server inter 1s downinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join('\n')}
`
}
