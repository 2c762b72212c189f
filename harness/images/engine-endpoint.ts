import { CommandError, type Run, run } from '../process.ts'
import { UserError } from '../user-error.ts'

/** Where the docker CLI finds its engine. */
export interface Endpoint {
  /** `unix:///var/run/docker.sock`, `ssh://ci@build-1`, `tcp://127.0.0.1:2375`. */
  readonly url: string
  /** What says so: `DOCKER_HOST`, or `context NAME`. */
  readonly from: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** It reads a file, and asks no engine. */
const askLimitMs = 15_000

/** The endpoint that the docker CLI uses; null: it does not say. DOCKER_HOST goes over any context. */
export async function engineEndpoint(runs: Run = run, env: Environment = process.env): Promise<Endpoint | null> {
  const given = env['DOCKER_HOST'] ?? ''
  if (given !== '') return { url: given, from: 'DOCKER_HOST' }
  const format = '{{.Endpoints.docker.Host}} {{.Name}}'
  try {
    const { stdout } = await runs('docker', ['context', 'inspect', '--format', format], { timeoutMs: askLimitMs })
    const [url = '', name = ''] = stdout.trim().split(' ')
    return url === '' ? null : { url, from: `context ${name}` }
  } catch (error) {
    if (error instanceof CommandError) return null
    throw error
  }
}

/**
 * Makes sure that the engine's published ports are this machine's, and that everything speaks to that one engine: the
 * docker CLI follows contexts, and testcontainers knows DOCKER_HOST and the usual sockets alone.
 * @returns the endpoint for DOCKER_HOST, where a context names a socket that is not the usual one; null: none is needed
 * @throws {UserError} where the engine is on another machine
 */
export async function nearEngine(runs: Run = run, env: Environment = process.env): Promise<string | null> {
  const endpoint = await engineEndpoint(runs, env)
  if (endpoint === null) return null
  const host = remoteHost(endpoint.url)
  if (host !== null) throw farAway(endpoint, host)
  return endpoint.from === 'DOCKER_HOST' || usualSockets.has(endpoint.url) ? null : endpoint.url
}

const usualSockets: ReadonlySet<string> = new Set([
  'unix:///var/run/docker.sock',
  'unix:///run/docker.sock',
  'npipe:////./pipe/docker_engine',
])

/** The other machine that an endpoint leads to; null: it is this one, or a virtual machine that hands its ports on. */
export function remoteHost(url: string): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !['ssh:', 'tcp:', 'http:', 'https:'].includes(parsed.protocol)) return null
  const host = parsed.hostname
  return parsed.protocol !== 'ssh:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host) ? null : host
}

function farAway({ url, from }: Endpoint, host: string): UserError {
  return new UserError(
    `the Docker engine is on another machine, ${url} (${from}): the API of a cluster there is published on the loopback of ${host}, which is not reached from here`,
    {
      hint:
        `Let it run there: npm run shards:engines -- --engines ${url}. Or make the cluster there by other means, ` +
        `forward its API's port ` +
        `(ssh -L 6443:127.0.0.1:6443 ${host}), and test it with provider: existing (docs/cluster-definition.md).`,
    },
  )
}
