import { messageOf } from '../error-message.ts'
import type { ClusterNode } from '../nodes/node.ts'

/** One transfer over HTTP as curl on the machine saw it. */
export interface Transfer {
  /** HTTP status; 0: no answer. */
  readonly status: number
  /** Milliseconds from the start, connecting included, to the answer's first byte; null where none came. */
  readonly firstByteMs: number | null
  readonly totalMs: number
  readonly bytes: number
  /** Over the whole of it, the wait for the first byte included. */
  readonly bytesPerSecond: number
  /** Why it did not end well, in curl's words or the machine's; empty where it did. */
  readonly error: string
}

/** What it may take to run a command on the machine beside curl's own time, in milliseconds. */
const execMarginMs = 10_000

/** 100 MiB at 1 MB/s. */
const transferLimitMs = 120_000

/**
 * Fetches a URL on a machine and throws the content away. A server that does not answer and a transfer that breaks off
 * are observations, and no errors.
 */
export async function transfer(
  node: Pick<ClusterNode, 'exec'>,
  url: string,
  { withinMs = transferLimitMs }: { readonly withinMs?: number } = {},
): Promise<Transfer> {
  const seconds = withinMs / 1_000
  const limits = ['--silent', '--max-time', String(seconds), '--output', '/dev/null']
  const figures = '%{http_code} %{time_starttransfer} %{time_total} %{size_download} %{errormsg}'
  try {
    const command = ['curl', ...limits, '--write-out', figures, url] as const
    const { stdout, stderr } = await node.exec([...command], { reject: false, timeoutMs: withinMs + execMarginMs })
    return parseTransfer(stdout) ?? noTransfer(stderr.trim() || 'curl said nothing')
  } catch (error) {
    return noTransfer(messageOf(error))
  }
}

/** What curl wrote of a transfer; null: that is not what this is. */
export function parseTransfer(text: string): Transfer | null {
  const found = /^(\d{3}) ([\d.]+) ([\d.]+) (\d+) ?(.*)$/.exec(text.trim())
  if (found === null) return null
  const [, status, firstByte, total, bytes, error = ''] = found
  const totalMs = Number(total) * 1_000
  return {
    status: Number(status),
    firstByteMs: Number(firstByte) === 0 ? null : Number(firstByte) * 1_000,
    totalMs,
    bytes: Number(bytes),
    bytesPerSecond: totalMs === 0 ? 0 : Number(bytes) / (totalMs / 1_000),
    error,
  }
}

function noTransfer(error: string): Transfer {
  return { status: 0, firstByteMs: null, totalMs: 0, bytes: 0, bytesPerSecond: 0, error }
}
