import { type IncomingMessage, request } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import type { Journal, JournalRecord } from '../../harness/journal.ts'
import { KubeApi } from '../../harness/kube/api.ts'
import { observeApi } from '../../harness/kube/observe.ts'
import { stream } from '../../harness/process.ts'
import type { Run } from '../../harness/run.ts'
import { percentile } from './figures.ts'

/** What so many events a second cost the harness that writes them down. */
export interface FloodCost {
  /** Events a second that were asked for, and that came. */
  readonly asked: number
  readonly came: number
  /** From the moment that an event was made, in another process, until its line stood in the journal. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** How late timers were, such as those that ask a probe again. */
  readonly timersP99Ms: number
  /** Of one core. */
  readonly processorShare: number
  readonly residentBytes: number
  readonly lost: number
}

/** The same, without TLS: what is measured is what the harness does with what comes. */
class PlainApi extends KubeApi {
  constructor(port: number) {
    const server = new URL(`http://127.0.0.1:${port}`)
    super({ server, ca: undefined, cert: undefined, key: undefined, token: undefined })
  }

  override open(method: string, path: string, { signal }: { readonly signal?: AbortSignal }): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.server), { method, agent: false, ...(signal && { signal }) }, resolve)
      outgoing.on('error', reject)
      outgoing.end()
    })
  }
}

/** An event that is not in the journal this long after the last one was sent is lost. */
const lostAfterMs = 10_000

/** Lets a process that plays an API server tell of so many changes a second, and watches it as a cluster is watched. */
export async function flood(
  run: Pick<Run, 'origin'>,
  journal: Journal,
  rate: number,
  seconds: number,
): Promise<FloodCost> {
  const origin = BigInt(run.origin.monotonic)
  const latenesses: number[] = []
  const arrivals: number[] = []
  using _listener = journal.subscribe((record) => {
    const sent = sentAt(record)
    if (sent === null) return
    arrivals.push(journal.now())
    latenesses.push(journal.now() - Number(sent - origin) / 1e6)
  })
  const ended = new AbortController()
  const said: number[] = []
  const program = fileURLToPath(new URL('event-source.ts', import.meta.url))
  const source = stream(process.execPath, [program, String(rate), String(seconds)], {
    signal: ended.signal,
    onLine: (line, from) => void (from === 'stdout' && said.push(Number(line))),
  })
  const timers = monitorEventLoopDelay({ resolution: 5 })
  try {
    const port = await next(said, 0, source.done)
    using api = new PlainApi(port)
    const before = { cpu: process.cpuUsage(), at: performance.now() }
    timers.enable()
    void observeApi(api, journal, ended.signal)
    const sent = await next(said, 1, source.done)
    const deadline = performance.now() + lostAfterMs
    while (latenesses.length < sent && performance.now() < deadline) await delay(5)
    timers.disable()
    const elapsedMs = performance.now() - before.at
    const { user, system } = process.cpuUsage(before.cpu)
    return {
      asked: rate,
      came: rateOf(arrivals),
      p50Ms: percentile(latenesses, 0.5),
      p99Ms: percentile(latenesses, 0.99),
      timersP99Ms: Math.max(0, timers.percentile(99) / 1e6 - 5),
      processorShare: (user + system) / 1_000 / elapsedMs,
      residentBytes: process.memoryUsage.rss(),
      lost: sent - latenesses.length,
    }
  } finally {
    ended.abort()
  }
}

function rateOf(arrivals: readonly number[]): number {
  const [first = 0, last = 0] = [arrivals[0], arrivals.at(-1)]
  return last > first ? ((arrivals.length - 1) * 1_000) / (last - first) : 0
}

/** When the event of a record was made, in nanoseconds of the shared clock; null: it is another one's. */
function sentAt({ source, subject, data }: JournalRecord): bigint | null {
  if (source !== 'api-watch' || !subject.startsWith('pod/growth/')) return null
  if (typeof data !== 'object' || data === null || !('reason' in data)) return null
  return BigInt(String(data.reason))
}

/** The number that the source says at that place. @throws what ended the source before it said that */
async function next(said: readonly number[], index: number, done: Promise<void>): Promise<number> {
  let over = false
  const end = done.then(() => void (over = true))
  for (;;) {
    const value = said[index]
    if (value !== undefined) return value
    if (over) throw new Error('the source of events ended too soon')
    await Promise.race([end, delay(5)])
  }
}
