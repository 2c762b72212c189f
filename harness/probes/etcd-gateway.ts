import type { EtcdLayout } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import type { StreamHandle } from '../process.ts'
import { type HttpAnswer, httpOnNode, httpOnNodeRepeatedly, type Repetition } from './http-on-node.ts'

/** A member of etcd that gave no answer, or one that is an error. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError'
  /** HTTP status; 0: no answer at all. */
  readonly status: number

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/**
 * Asks the member on the machine, one path after the other, with one process there: etcd's client port speaks JSON
 * (grpc-gateway, etcd 3.4 and later), so that no etcdctl is needed. With a body the requests are POST.
 */
export function askGateway(
  etcd: EtcdLayout,
  node: Pick<ClusterNode, 'exec'>,
  paths: readonly string[],
  body?: object,
): Promise<HttpAnswer[]> {
  return httpOnNode(node, urlsOf(paths), optionsOf(etcd, body))
}

/** As `askGateway`, several times with one command on the machine. */
export function askGatewayRepeatedly(
  etcd: EtcdLayout,
  node: Pick<ClusterNode, 'stream'>,
  paths: readonly string[],
  repetition: Repetition,
  onAnswers: (answers: readonly HttpAnswer[]) => void,
): StreamHandle {
  return httpOnNodeRepeatedly(node, urlsOf(paths), optionsOf(etcd, {}), repetition, onAnswers)
}

function urlsOf(paths: readonly string[]): string[] {
  return paths.map((path) => `https://127.0.0.1:2379${path}`)
}

function optionsOf(etcd: EtcdLayout, body?: object): string[] {
  const identity = ['--cacert', etcd.ca, '--cert', etcd.certificate, '--key', etcd.key]
  return [...identity, ...(body === undefined ? [] : ['--data', JSON.stringify(body)])]
}

/**
 * The answer's JSON.
 * @throws {EtcdError} with the member's own words where it is none, or an error
 */
export function gatewayJson(
  { status, body, problem }: HttpAnswer,
  what: string,
  node: Pick<ClusterNode, 'name'>,
): unknown {
  if (status === 0) throw new EtcdError(`etcd on ${node.name}: ${what}: ${problem || 'no answer'}`, 0)
  const json = parseJson(body)
  if (status >= 200 && status < 300 && json !== undefined) return json
  throw new EtcdError(`etcd on ${node.name}: ${what}: ${status} ${errorMessage(json) ?? body.slice(0, 200)}`, status)
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** grpc-gateway says `message` from etcd 3.4 on and `error` before and beside it. */
function errorMessage(json: unknown): string | null {
  if (typeof json !== 'object' || json === null) return null
  if ('message' in json && typeof json.message === 'string') return json.message
  if ('error' in json && typeof json.error === 'string') return json.error
  return null
}

/** The gateway takes 64-bit numbers as decimal strings. */
export function decimalId(id: string): string {
  return BigInt(`0x${id}`).toString()
}
