import { formatDuration } from '../duration.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { CommandError } from '../process.ts'
import { delivered, type RegistryRequest } from '../registry/access-log.ts'
import type { MadeImage } from '../registry/image.ts'
import type { Registry, RequestQuery } from '../registry/registry.ts'

/** What became of a pull. */
export interface PullResult {
  readonly ok: boolean
  /** Milliseconds from asking to the answer; the way to the machine, about a tenth of a second, is in it. */
  readonly tookMs: number
  /** Why it failed, in the words of the node's container runtime; empty where it did not. */
  readonly error: string
}

/** containerd's own limit for a pull without progress: image_pull_progress_timeout, 5 min by default. */
const pullLimitMs = 300_000

/** What it may take to run a command on the machine beside the command's own limit, in milliseconds. */
const execMarginMs = 10_000

/** `timeout`'s exit code for a command that it ended, and a shell's for one that is not there. */
const [timedOut, notThere] = [124, 127]

/**
 * Pulls an image on a machine through its container runtime's CRI, as the kubelet does. A pull that fails is an
 * observation, and no error; one that does not end in time is cancelled.
 * @throws {Error} where the machine has no crictl
 */
export async function pull(
  node: Pick<ClusterNode, 'name' | 'exec'>,
  reference: string,
  { withinMs = pullLimitMs }: { readonly withinMs?: number } = {},
): Promise<PullResult> {
  const seconds = Math.ceil(withinMs / 1_000)
  const startedAt = performance.now()
  const tookMs = () => performance.now() - startedAt
  try {
    const { exitCode, stdout, stderr } = await node.exec(
      ['timeout', '--kill-after=2', String(seconds), 'crictl', 'pull', reference],
      { reject: false, timeoutMs: seconds * 1_000 + execMarginMs },
    )
    if (exitCode === 0) return { ok: true, tookMs: tookMs(), error: '' }
    if (exitCode === notThere) throw new Error(`${node.name} has no crictl: ${(stderr || stdout).trim()}`)
    const said = criError(stderr === '' ? stdout : stderr)
    const late = `no end within ${formatDuration(seconds * 1_000)}`
    return { ok: false, tookMs: tookMs(), error: [...(exitCode === timedOut ? [late] : []), said].join(': ') }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { ok: false, tookMs: tookMs(), error: error.message }
  }
}

/** What the runtime said, out of what crictl makes of it: its last line from the gRPC error on. */
export function criError(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const last = lines.at(-1)?.trim() ?? 'crictl said nothing'
  return /rpc error: .*/.exec(last)?.[0] ?? last.replace(/^FATA\[\d+\] /, '')
}

/** Where an image came from, by what its registry counted. */
export interface PullSource {
  /** `mixed`: the registry sent some of its configuration and layers, or part of one. */
  readonly source: 'mirror' | 'upstream' | 'mixed'
  /** Bytes of the image's configuration and layers that the registry sent, repetitions included. */
  readonly upstreamBytes: number
  /** Bytes of them that it did not send. */
  readonly mirrorBytes: number
  /** How often it was asked for a manifest of that repository (HEAD and GET), and for the image's blobs (GET). */
  readonly asked: { readonly manifests: number; readonly blobs: number }
}

/**
 * Tells where an image that was pulled since then came from. It holds where the pull went well and the machine had none
 * of the image before; `from` keeps apart what other machines pull at the same time.
 * @param since milliseconds of the run's clock
 */
export async function pulledFrom(
  registry: Pick<Registry, 'requests'>,
  since: number,
  image: Pick<MadeImage, 'repository' | 'blobs'>,
  query: Pick<RequestQuery, 'from'> = {},
): Promise<PullSource> {
  return sourceOf(await registry.requests({ ...query, since, repository: image.repository }), image)
}

/** {@link pulledFrom}, of requests that are known. */
export function sourceOf(
  requests: readonly Pick<RegistryRequest, 'kind' | 'method' | 'reference' | 'status' | 'bytes'>[],
  { blobs }: Pick<MadeImage, 'blobs'>,
): PullSource {
  const wanted = new Map(blobs.map(({ digest, size }) => [digest, { size, sent: 0 }]))
  const asked = { manifests: 0, blobs: 0 }
  for (const request of requests) {
    if (request.kind === 'manifest' && ['HEAD', 'GET'].includes(request.method)) asked.manifests += 1
    const blob = request.kind === 'blob' && request.method === 'GET' ? wanted.get(request.reference ?? '') : undefined
    if (blob === undefined) continue
    asked.blobs += 1
    if (delivered(request)) blob.sent += request.bytes
  }
  const all = [...wanted.values()]
  const upstreamBytes = all.reduce((sum, { sent }) => sum + sent, 0)
  const mirrorBytes = all.reduce((sum, { size, sent }) => sum + Math.max(0, size - sent), 0)
  const source = upstreamBytes === 0 ? 'mirror' : mirrorBytes === 0 ? 'upstream' : 'mixed'
  return { source, upstreamBytes, mirrorBytes, asked }
}
