import { randomUUID } from 'node:crypto'

import { messageOf } from '../error-message.ts'
import { type Budget, budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { removeObjects } from '../engine-objects.ts'
import { eventually } from '../eventually.ts'
import { MissingCapability } from '../faults/fault.ts'
import { waitContext } from '../faults/wait-context.ts'
import { provide } from '../images/provide.ts'
import type { ImageRequest } from '../images/request.ts'
import { subjects } from '../images/subjects.ts'
import type { Journal } from '../journal.ts'
import { publishedPort, startMachine } from '../nodes/machine-container.ts'
import { run as runProcess } from '../process.ts'
import { currentRun, type Run } from '../run.ts'
import { markQuery, parseAccessLog, type RegistryRequest } from './access-log.ts'
import { servedBytes, summary } from './counts.ts'
import type { MadeImage } from './image.ts'
import { pushImage, type PushResult } from './push.ts'
import { registryConfig, registryConfigFile, registryPort, registryStorage } from './registry-config.ts'

export { servedBytes }

/** What a registry stands beside: a cluster, or a network of the engine. */
export interface RegistrySurroundings extends Pick<StartedCluster, 'name' | 'journal'> {
  /** The engine's network that the machines are on; null: there is none that a container can join. */
  readonly network: { readonly name: string } | null
}

export interface RegistryOptions {
  /** Nodes call it `<name>.test`, the engine `<cluster>-<name>`. Default: `upstream`. */
  readonly name?: string
  /**
   * Host of another registry, `upstream.test`: this one is a pull-through cache of it, and takes no pushes.
   * distribution does not start while that one does not answer.
   */
  readonly proxyOf?: string
  /**
   * False: it closes each connection after its answer. A cache of it then meets a black hole where it connects: 30 s,
   * the dial timeout of Go's DefaultTransport. On a connection that it has kept it waits until TCP gives up: 16 minutes.
   */
  readonly keepAlive?: boolean
  /** What it runs; default: this project's registry image. */
  readonly image?: ImageRequest
  readonly run?: Pick<Run, 'id' | 'offline'>
}

export interface RequestQuery {
  /** Only requests that came then or later, in milliseconds of the run's clock. */
  readonly since?: number
  readonly repository?: string
  /** Only those of this client address. */
  readonly from?: string
}

const firstAnswer: Budget = budget({
  name: "registry's start",
  ms: 30_000,
  source: 'harness: a static program and a configuration file',
})

/**
 * Starts a real registry (distribution) in a container of its own beside the cluster: plain HTTP, unprivileged, with
 * the run's label, a port on this machine's loopback and storage that ends with it. Returns once `/v2/` answers.
 * @throws {MissingCapability} where no container can be put beside the cluster
 * @throws {MissingImage} where no way leads to the registry's image
 * @throws {ExpectationFailed} where it does not answer; what it logged is in the journal
 */
export async function startRegistry(cluster: RegistrySurroundings, options: RegistryOptions = {}): Promise<Registry> {
  const { name = 'upstream', proxyOf, keepAlive, image = subjects.registry.image, run = currentRun() } = options
  const { network, journal } = cluster
  if (network === null) throw new MissingCapability(`no container can be put beside ${cluster.name}`)
  const { reference } = await provide(image, run.offline ? { offline: true } : {})
  const container = `${cluster.name}-${name}`
  const host = `${name}.test`
  journal.append('cluster', 'registry-starting', `registry/${host}`, { image: reference, proxyOf: proxyOf ?? null })
  await startMachine(run, {
    name: container,
    image: reference,
    network: network.name,
    aliases: [`${name}.test`],
    privileged: false,
    volumes: [registryStorage],
    files: [{ path: registryConfigFile, content: registryConfig({ proxyOf, keepAlive }) }],
    ports: { [registryPort]: 0 },
    environment: { OTEL_TRACES_EXPORTER: 'none' },
    command: ['serve', registryConfigFile],
  })
  try {
    const address = await addressOf(container, network.name)
    const registry = new Registry({ container, host, address, journal })
    await eventually(waitContext(cluster), `${host} answers`, {
      probe: () => statusOf(registry),
      until: (status) => status === 200,
      within: firstAnswer,
    })
    journal.append('cluster', 'registry-started', `registry/${host}`, { container, address })
    return registry
  } catch (error) {
    const log = await logOf(container)
    journal.append('cluster', 'registry-failed', `registry/${host}`, { error: String(error), log: log.slice(-4_000) })
    await removeObjects({ containers: [container], networks: [], volumes: [] })
    // It is the harness's own, and no cluster is to blame for it.
    throw new Error(`${host} could not be started: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** What it answers `GET /v2/`. @throws {Error} with its last word where it does not answer */
async function statusOf(registry: Registry): Promise<number> {
  try {
    return (await fetch(`${await registry.endpoint()}/v2/`)).status
  } catch (error) {
    const lines = (await logOf(registry.container)).split('\n').filter((line) => line.trim() !== '')
    const said = lines.findLast((line) => /panic|fatal|error/.test(line)) ?? lines.at(-1) ?? 'nothing'
    throw new Error(`it does not answer; its log: ${said.trim()}`, { cause: error })
  }
}

/** A registry that is well answers within milliseconds. */
const markLimitMs = 500

interface RegistryParts extends Pick<Registry, 'container' | 'host' | 'address'> {
  readonly journal: Journal
}

/** A registry that runs. Disposing of it removes it with what it holds, and writes down what it was asked for. */
export class Registry implements AsyncDisposable {
  /** Name of its container. */
  readonly container: string
  /** What nodes call it in names of images: `upstream.test`. */
  readonly host: string
  /** Its IPv4 address on the cluster's network. */
  readonly address: string
  readonly #journal: Journal

  constructor({ container, host, address, journal }: RegistryParts) {
    this.container = container
    this.host = host
    this.address = address
    this.#journal = journal
  }

  /** Where this process reaches it: `http://127.0.0.1:40123`. The port changes whenever its container is started. */
  async endpoint(): Promise<string> {
    return `http://127.0.0.1:${await publishedPort(this.container, registryPort)}`
  }

  /** Puts an image into it. @throws {RegistryError} */
  async push(image: MadeImage): Promise<PushResult> {
    const pushed = await pushImage(await this.endpoint(), image)
    const { repository, tag, digest } = image
    this.#journal.append('cluster', 'pushed', `registry/${this.host}`, { repository, tag, digest, ...pushed })
    return pushed
  }

  /**
   * What it has answered, in the order in which it was asked, by its own log: the harness's pushes are in it, and what
   * it is still sending is not. A cache has answered once it has stored what it sent. Read anew each time.
   */
  async requests({ since = 0, repository, from }: RequestQuery = {}): Promise<RegistryRequest[]> {
    // Its clock is this machine's; rounded down, so that nothing seems earlier than it was.
    const origin = Date.now() - this.#journal.now()
    return parseAccessLog(await this.#log(), origin)
      .filter((request) => request.at >= since)
      .filter((request) => repository === undefined || request.repository === repository)
      .filter((request) => from === undefined || request.from === from)
  }

  /** How often a blob was asked for, whatever was answered. Asking whether it exists (HEAD) does not count. */
  async blobGets(digest: string, query: RequestQuery = {}): Promise<number> {
    const requests = await this.requests(query)
    return requests.filter(({ kind, method, reference }) => kind === 'blob' && method === 'GET' && reference === digest)
      .length
  }

  /** Bytes of manifests and blobs that it sent. */
  async bytesServed(query: RequestQuery = {}): Promise<number> {
    return servedBytes(await this.requests(query))
  }

  /**
   * The log up to now. The engine has a line a moment after the client has its answer: a request of our own marks the
   * place that must have been reached. A registry that does not answer has nothing new to say either.
   */
  async #log(): Promise<string> {
    const mark = `?${markQuery}=${randomUUID()}`
    const answered = await this.endpoint()
      .then((endpoint) => fetch(`${endpoint}/v2/${mark}`, { signal: AbortSignal.timeout(markLimitMs) }))
      .then(({ ok }) => ok)
      .catch(() => false)
    for (let attempt = 1; ; attempt += 1) {
      const text = await logOf(this.container)
      if (!answered || text.includes(mark)) return text
      if (attempt === 50) throw new Error(`the engine's log of ${this.container} stays behind what it answers`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const requests = await this.requests().catch(() => [])
    this.#journal.append('traffic', 'registry-summary', `registry/${this.host}`, summary(requests))
    await removeObjects({ containers: [this.container], networks: [], volumes: [] })
  }
}

async function logOf(container: string): Promise<string> {
  const { stdout, stderr } = await runProcess('docker', ['logs', container], { timeoutMs: 20_000, reject: false })
  return `${stdout}\n${stderr}`
}

async function addressOf(container: string, network: string): Promise<string> {
  const format = `{{(index .NetworkSettings.Networks ${JSON.stringify(network)}).IPAddress}}`
  const { stdout } = await runProcess('docker', ['inspect', '--type', 'container', '--format', format, container])
  return stdout.trim()
}
