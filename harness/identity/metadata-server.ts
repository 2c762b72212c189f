import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'

import { z } from 'zod'

import { type MachineFile, startMachine } from '../nodes/machine-container.ts'
import { run as runProcess } from '../process.ts'
import type { Run } from '../run.ts'
import { metadataAddress } from './metadata-address.ts'
import { behaviourLine, hostname, type MetadataBehaviour } from './metadata-behaviour.ts'

const home = '/etc/clusterproof/metadata'
const answerProgram = `${home}/answer`

export interface MetadataServerOptions {
  readonly run: Pick<Run, 'id'>
  /** Name of the container. */
  readonly name: string
  /** Any image with sh, socat and ip: the cluster's node image has them. */
  readonly image: string
  /** The cluster's own network. */
  readonly network: string
  /** Its address there, beside the link-local one. */
  readonly address: string
  /** Host name of each machine, by the machine's address. */
  readonly hostnames: ReadonlyMap<string, string>
  /** What it does from the start; default: it answers. */
  readonly behaviour?: MetadataBehaviour
}

const requestSchema = z.object({
  /** Epoch milliseconds when it was asked. */
  at: z.number().int(),
  address: z.string(),
  path: z.string(),
  /** HTTP status; null: the connection was closed without an answer. */
  status: z.number().int().nullable(),
  body: z.string(),
  /** Milliseconds between the question and the answer; the machine may not have waited for it. */
  delayMs: z.number().int(),
})

/** What the service was asked, by whom, and what it answered. `machine`: null where the address is no machine's. */
export type MetadataRequest = z.infer<typeof requestSchema> & { readonly machine: string | null }

/**
 * Starts the emulation of a cloud's metadata service: a container on the cluster's network with the link-local address
 * 169.254.169.254, which machines reach by a route to that address over eth0. It bears the run's label, and goes with
 * the cluster. Returns when it takes requests.
 */
export async function startMetadataServer(options: MetadataServerOptions): Promise<MetadataServer> {
  const { run, name, image, network, address } = options
  await startMachine(run, {
    name,
    image,
    network,
    address,
    entrypoint: ['sh', '-c', `ip address replace ${metadataAddress}/32 dev eth0 && exec "$@"`, 'sh'],
    command: ['socat', 'TCP-LISTEN:80,fork,reuseaddr', `EXEC:${answerProgram}`],
    files: serverFiles(options),
  })
  const listens = 'until socat -u OPEN:/dev/null TCP:127.0.0.1:80 2>/dev/null; do sleep 0.05; done'
  await runProcess('docker', ['exec', name, 'sh', '-c', listens], { timeoutMs: 20_000 })
  return new MetadataServer(name, options.hostnames)
}

/** What the container has before it starts. */
export function serverFiles({
  hostnames,
  behaviour = { kind: 'answers' },
}: Pick<MetadataServerOptions, 'hostnames' | 'behaviour'>): MachineFile[] {
  return [
    { path: answerProgram, content: readFileSync(new URL('metadata-answer.sh', import.meta.url), 'utf8'), mode: 0o755 },
    { path: `${home}/behaviours/all`, content: behaviourLine(behaviour) },
    { path: `${home}/requests.jsonl`, content: '' },
    ...[...hostnames].map(([address, name]) => ({
      path: `${home}/hostnames/${ipv4(address)}`,
      content: `${hostname(name)}\n`,
    })),
  ]
}

/** A running metadata service, an emulation. What it answers may be changed at any time, also while machines boot. */
export class MetadataServer {
  /** Name of its container. */
  readonly name: string
  readonly #addresses: Map<string, string>

  constructor(name: string, hostnames: ReadonlyMap<string, string>) {
    this.name = name
    this.#addresses = new Map([...hostnames].map(([address, machine]) => [machine, address]))
  }

  /** Makes a further machine known, or gives a known address another machine. */
  async register(address: string, machine: string): Promise<void> {
    await this.#write(`hostnames/${ipv4(address)}`, `${hostname(machine)}\n`)
    for (const [known, at] of this.#addresses) if (at === address) this.#addresses.delete(known)
    this.#addresses.set(machine, address)
  }

  /**
   * From now on it answers the machine, named by its host name, like that; `*`: every machine, whatever was said before.
   * @throws {RangeError} where it does not know the machine
   */
  async behave(machine: string, behaviour: MetadataBehaviour): Promise<void> {
    const line = behaviourLine(behaviour)
    if (machine !== '*') return this.#write(`behaviours/${this.#address(machine)}`, line)
    await this.#write('behaviours/all', line)
    const own = [...this.#addresses.values()].map((address) => `${home}/behaviours/${address}`)
    if (own.length > 0) await runProcess('docker', ['exec', this.name, 'rm', '-f', ...own], { timeoutMs: 20_000 })
  }

  /** Every request so far, in the order in which they were decided. */
  async requests(): Promise<MetadataRequest[]> {
    const { stdout } = await runProcess('docker', ['exec', this.name, 'cat', `${home}/requests.jsonl`], {
      timeoutMs: 20_000,
    })
    return parseRequests(stdout, this.#addresses)
  }

  #address(machine: string): string {
    const address = this.#addresses.get(machine)
    if (address === undefined) {
      throw new RangeError(
        `${this.name} knows no machine ${machine}; it knows ${[...this.#addresses.keys()].join(', ')}`,
      )
    }
    return address
  }

  /** A request that comes in between finds the old content or the new, whole. */
  async #write(file: string, content: string): Promise<void> {
    const replace = 'mkdir -p "${1%/*}" && cat >"$1.new" && mv "$1.new" "$1"'
    await runProcess('docker', ['exec', '--interactive', this.name, 'sh', '-c', replace, 'sh', `${home}/${file}`], {
      input: content,
      timeoutMs: 20_000,
    })
  }
}

/**
 * The requests of the service's log.
 * @param addresses address of each machine, by its host name
 * @throws {z.ZodError | SyntaxError} where a line is none
 */
export function parseRequests(text: string, addresses: ReadonlyMap<string, string>): MetadataRequest[] {
  const machines = new Map([...addresses].map(([machine, address]) => [address, machine]))
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => requestSchema.parse(JSON.parse(line)))
    .map((request) => Object.assign(request, { machine: machines.get(request.address) ?? null }))
}

function ipv4(address: string): string {
  if (!isIPv4(address)) throw new RangeError(`${JSON.stringify(address)} is no IPv4 address`)
  return address
}
