import type { Blob, MadeImage } from './image.ts'

/** A registry said no to a request, or said nothing. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  /** HTTP status; null: there was no answer. */
  readonly status: number | null

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** 100 MiB over the loopback take a second; a disk that is busy with other things may take many. */
const requestLimitMs = 120_000

/** What a push came to. */
export interface PushResult {
  /** Bytes that were sent; what the registry had already is not in it. */
  readonly bytes: number
  /** Milliseconds. */
  readonly tookMs: number
}

/**
 * Puts an image into a registry, one blob after the other, the manifest last: once that is there, all of it is. What
 * the registry has already is not sent again.
 * @param endpoint where the registry is reached from this process: `http://127.0.0.1:40123`
 * @throws {RegistryError} that says which request was answered how
 */
export async function pushImage(endpoint: string, image: MadeImage): Promise<PushResult> {
  const startedAt = performance.now()
  const { repository, tag, manifest } = image
  const base = `${endpoint}/v2/${repository}`
  let bytes = 0
  for (const blob of image.blobs) if (await pushBlob(base, blob)) bytes += blob.size
  await ask('PUT', `${base}/manifests/${tag}`, 201, {
    headers: { 'content-type': manifest.mediaType },
    body: manifest.content,
  })
  return { bytes: bytes + manifest.size, tookMs: performance.now() - startedAt }
}

/** @returns false where the registry had it */
async function pushBlob(base: string, { digest, open }: Blob): Promise<boolean> {
  const known = await ask('HEAD', `${base}/blobs/${digest}`, [200, 404])
  if (known.status === 200) return false
  const upload = await ask('POST', `${base}/blobs/uploads/`, 202)
  const target = new URL(upload.headers.get('location') ?? '', base)
  target.searchParams.set('digest', digest)
  await ask('PUT', target.href, 201, {
    headers: { 'content-type': 'application/octet-stream' },
    body: open(),
    // What fetch asks for where the body is a stream.
    duplex: 'half',
  })
  return true
}

async function ask(
  method: string,
  url: string,
  expected: number | readonly number[],
  init: RequestInit = {},
): Promise<Response> {
  let answer: Response
  let text: string
  try {
    answer = await fetch(url, { ...init, method, signal: AbortSignal.timeout(requestLimitMs) })
    text = await answer.text()
  } catch (error) {
    throw new RegistryError(`${method} ${url}: no answer: ${reason(error)}`, null, { cause: error })
  }
  if ([expected].flat().includes(answer.status)) return answer
  const said = text.trim().slice(0, 500) || 'nothing more'
  const wanted = [expected].flat().join(' or ')
  throw new RegistryError(`${method} ${url}: ${answer.status} and not ${wanted}: ${said}`, answer.status)
}

/** fetch says only that it failed; why is in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
