import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'

import type { KubeAccess } from './kubeconfig.ts'

/** An answer of the API server that is not 2xx, or none at all (`status` 0). */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError'
  readonly status: number

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; [field: string]: unknown }
  [field: string]: unknown
}

export interface KubeList<T> {
  metadata: { resourceVersion: string }
  items: T[]
}

interface RequestOptions {
  readonly body?: unknown
  readonly contentType?: string
  /** Milliseconds until the request is given up; the API's own limit is 60 s. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

const fieldManager = 'clusterproof'
const requestTimeoutMs = 5_000

/** A connection to one cluster's API server. Every request has a time limit, also before it is connected. */
export class KubeApi implements Disposable {
  readonly server: URL
  readonly #access: KubeAccess
  readonly #agent: Agent

  constructor(access: KubeAccess) {
    this.server = access.server
    this.#access = access
    this.#agent = new Agent({ keepAlive: true, maxSockets: 32 })
  }

  /** @throws {KubeApiError} */
  async get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    // The caller names the type of what the path returns; the API server is trusted to keep to its own schema.
    return (await this.#json('GET', path, options)) as T
  }

  /** Creates the object and returns it as the API keeps it. @throws {KubeApiError} */
  async create<T>(path: string, object: object, timeoutMs?: number): Promise<T> {
    const limit = timeoutMs === undefined ? {} : { timeoutMs }
    // As with `get`: the API server keeps to its own schema.
    return (await this.#json('POST', path, { body: object, ...limit })) as T
  }

  /** Merge patch. */
  async patch(path: string, change: unknown): Promise<void> {
    await this.#json('PATCH', path, { body: change, contentType: 'application/merge-patch+json' })
  }

  /** Strategic merge patch: lists with a merge key (containers by name) are merged. */
  async strategicPatch(path: string, change: unknown): Promise<void> {
    await this.#json('PATCH', path, { body: change, contentType: 'application/strategic-merge-patch+json' })
  }

  /** Deletes, and is content where nothing is there. */
  async delete(path: string, timeoutMs = requestTimeoutMs): Promise<void> {
    try {
      await this.#json('DELETE', path, { timeoutMs })
    } catch (error) {
      if (!(error instanceof KubeApiError && error.status === 404)) throw error
    }
  }

  /** Server-side apply with this suite's field manager; `path` is the object's own. */
  async apply(path: string, object: KubeObject): Promise<void> {
    await this.#json('PATCH', `${path}?fieldManager=${fieldManager}&force=true`, {
      body: object,
      contentType: 'application/apply-patch+yaml',
    })
  }

  async text(path: string, options: RequestOptions = {}): Promise<string> {
    const response = await this.open('GET', path, options)
    return body(response)
  }

  async #json(method: string, path: string, options: RequestOptions): Promise<unknown> {
    const text = await body(await this.open(method, path, options))
    return text === '' ? null : JSON.parse(text)
  }

  /** Opens a request and returns the answer's head; the body is read by the caller. */
  async open(method: string, path: string, options: RequestOptions): Promise<IncomingMessage> {
    const { timeoutMs = requestTimeoutMs, signal } = options
    const what = `${method} ${path}`
    const limit = AbortSignal.timeout(timeoutMs)
    const payload = options.body === undefined ? undefined : JSON.stringify(options.body)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(
        new URL(path, this.server),
        {
          method,
          agent: this.#agent,
          signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
          ca: this.#access.ca,
          cert: this.#access.cert,
          key: this.#access.key,
          headers: {
            accept: 'application/json',
            ...(this.#access.token === undefined ? {} : { authorization: `Bearer ${this.#access.token}` }),
            ...(payload === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
          },
        },
        resolve,
      )
      // A signal that comes with the end of an answer breaks a socket that Node has no listener at any more.
      outgoing.on('socket', (socket) => socket.off('error', ignore).on('error', ignore))
      outgoing.on('error', (cause) => {
        const why = limit.aborted ? `no answer within ${timeoutMs} ms` : describe(cause)
        reject(new KubeApiError(`${what}: ${why}`, 0, { cause }))
      })
      outgoing.end(payload)
    })
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) return response
    throw new KubeApiError(`${what}: ${status} ${message(await body(response))}`, status)
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

function ignore(): void {}

async function body(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  try {
    for await (const chunk of response) text += String(chunk)
  } catch (cause) {
    throw new KubeApiError(`the answer broke off: ${describe(cause)}`, 0, { cause })
  }
  return text
}

function message(text: string): string {
  try {
    const status: unknown = JSON.parse(text)
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message)
  } catch {
    // Not a Status object: the text itself is the best message.
  }
  return text.slice(0, 300)
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const code = 'code' in cause && typeof cause.code === 'string' ? `${cause.code} ` : ''
  return cause.message === '' ? `${code}${cause.name}` : cause.message
}
