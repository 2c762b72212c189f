import { z } from 'zod'

/** A request that a registry has answered, by its own log. */
export interface RegistryRequest {
  /** When the request came, in milliseconds: of the run's clock where the registry is asked for its requests. */
  readonly at: number
  /** From the request's coming to the answer's last byte, in milliseconds. */
  readonly tookMs: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly kind: 'manifest' | 'blob' | 'other'
  /** Null where the path names none. */
  readonly repository: string | null
  /** Tag or digest of a manifest, digest of a blob; null for what is neither. */
  readonly reference: string | null
  readonly status: number
  /** Bytes of the answer's body, as far as they were sent; 0 for an answer without one. */
  readonly bytes: number
  /** Address of the client, without its port. */
  readonly from: string
}

const lineSchema = z.object({
  time: z.string(),
  'http.request.id': z.string(),
  'http.request.method': z.string(),
  'http.request.uri': z.string(),
  'http.request.remoteaddr': z.string(),
  'http.response.status': z.number().int(),
  'http.response.written': z.number().int(),
  'http.response.duration': z.string().optional(),
})

/** The query of requests that mark a place in the log and are in no list of requests: `/v2/?clusterproof-mark=7f2a`. */
export const markQuery = 'clusterproof-mark'

/**
 * The answered requests in distribution's log (formatter json), in the order in which they came. A request with
 * several errors has several lines there and is one here; a request that is being answered has none yet.
 * @param origin what their times count from, in milliseconds since the epoch
 */
export function parseAccessLog(text: string, origin = 0): RegistryRequest[] {
  const requests = new Map<string, RegistryRequest>()
  for (const line of text.split('\n')) {
    // Other programs' lines may stand between: what the runtime says, a stack.
    if (!line.startsWith('{') || !line.includes('"response completed') || line.includes(`?${markQuery}=`)) continue
    const parsed = lineSchema.safeParse(JSON.parse(line))
    if (parsed.success) requests.set(parsed.data['http.request.id'], requestOf(parsed.data, origin))
  }
  return [...requests.values()].toSorted((a, b) => a.at - b.at)
}

function requestOf(line: z.infer<typeof lineSchema>, origin: number): RegistryRequest {
  const method = line['http.request.method']
  const path = line['http.request.uri'].split('?', 1)[0] ?? ''
  const tookMs = goDuration(line['http.response.duration'] ?? '0s')
  const named = /^\/v2\/(?<repository>.+)\/(?<folder>manifests|blobs)\/(?<reference>[^/]+)$/.exec(path)?.groups
  return {
    at: epochMs(line.time) - tookMs - origin,
    tookMs,
    method,
    path,
    kind: named === undefined ? 'other' : named['folder'] === 'blobs' ? 'blob' : 'manifest',
    repository: named?.['repository'] ?? /^\/v2\/(.+)\/(?:tags|blobs|referrers)\//.exec(path)?.[1] ?? null,
    reference: named?.['reference'] ?? null,
    status: line['http.response.status'],
    // An error in answer to HEAD is counted as written, and not sent.
    bytes: method === 'HEAD' ? 0 : line['http.response.written'],
    from: line['http.request.remoteaddr'].replace(/:\d+$/, ''),
  }
}

/** Milliseconds since the epoch, with the fractions that Date.parse leaves out. */
function epochMs(time: string): number {
  const fraction = /\.\d{3}(\d+)/.exec(time)?.[1]
  return Date.parse(time) + (fraction === undefined ? 0 : Number(`0.${fraction}`))
}

const goUnits: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, µs: 1e-3, ns: 1e-6 }

/** Milliseconds of what Go's time.Duration says of itself: `798.367µs`, `1m2.5s`. */
function goDuration(text: string): number {
  const parts = text.matchAll(/([\d.]+)(h|ms|m|s|µs|ns)/g)
  return [...parts].reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (goUnits[unit] ?? 0), 0)
}

/** Whether it was answered with content, or part of it. */
export function delivered({ method, status }: Pick<RegistryRequest, 'method' | 'status'>): boolean {
  return method === 'GET' && status >= 200 && status < 300
}
