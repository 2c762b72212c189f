import type { EtcdLayout } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'

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

/** One answer of the member's gateway. */
export interface GatewayAnswer {
  /** HTTP status; 0: no answer. */
  readonly status: number
  readonly body: string
  /** Why there is no answer, in curl's words; empty where there is one. */
  readonly problem: string
}

/** A member that hangs must not use up a probe's own limit, 5 s, with two requests. */
const answerLimitSeconds = 2

/** What `docker exec` and its like may take beside curl's own time, in milliseconds. */
const execMarginMs = 4_000

/**
 * Asks the member on the machine, one path after the other, with one process there: etcd's client port speaks JSON
 * (grpc-gateway, etcd 3.4 and later), so that no etcdctl is needed. With a body the requests are POST.
 * @throws {EtcdError} where the machine runs no command
 */
export async function askGateway(
  etcd: EtcdLayout,
  node: Pick<ClusterNode, 'name' | 'exec'>,
  paths: readonly string[],
  body?: object,
): Promise<GatewayAnswer[]> {
  const command = [
    'curl',
    '--silent',
    '--max-time',
    String(answerLimitSeconds),
    '--cacert',
    etcd.ca,
    '--cert',
    etcd.certificate,
    '--key',
    etcd.key,
    '--write-out',
    String.raw`\n%{http_code} %{errormsg}\n`,
    ...(body === undefined ? [] : ['--data', JSON.stringify(body)]),
    ...paths.map((path) => `https://127.0.0.1:2379${path}`),
  ] as const
  const timeoutMs = paths.length * answerLimitSeconds * 1_000 + execMarginMs
  let said: { readonly stdout: string; readonly stderr: string }
  try {
    // curl ends with an error where a member is down, which is an answer to the question.
    said = await node.exec([...command], { reject: false, timeoutMs })
  } catch (cause) {
    throw new EtcdError(`${node.name} cannot be asked: ${cause instanceof Error ? cause.message : String(cause)}`, 0, {
      cause,
    })
  }
  const answers = parseAnswers(said.stdout)
  if (answers.length !== paths.length) {
    throw new EtcdError(`${node.name} cannot be asked: ${said.stderr.trim() || 'it said nothing'}`, 0)
  }
  return answers
}

/**
 * The answer's JSON.
 * @throws {EtcdError} with the member's own words where it is none, or an error
 */
export function gatewayJson(
  { status, body, problem }: GatewayAnswer,
  what: string,
  node: Pick<ClusterNode, 'name'>,
): unknown {
  if (status === 0) throw new EtcdError(`etcd on ${node.name}: ${what}: ${problem || 'no answer'}`, 0)
  const json = parseJson(body)
  if (status >= 200 && status < 300 && json !== undefined) return json
  throw new EtcdError(`etcd on ${node.name}: ${what}: ${status} ${errorMessage(json) ?? body.slice(0, 200)}`, status)
}

export function parseAnswers(stdout: string): GatewayAnswer[] {
  return [...stdout.matchAll(/([\s\S]*?)\n(\d{3})(?: (.*))?(?:\n|$)/g)].map(([, body = '', status, problem = '']) => ({
    status: Number(status),
    body: body.trim(),
    problem: problem.trim(),
  }))
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
