import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from '../harness/error-message.ts'
import { formatDuration } from '../harness/duration.ts'
import type { ShardContainer, ShardEngine } from './shard-engine.ts'

/** What came of a shard. */
export interface ShardEnd {
  readonly shard: number
  readonly engine: string
  /** Of `npm test`; null: it did not come to its end, or nobody knows of it. */
  readonly exitCode: number | null
  /** Why there is no exit code, or nothing was taken, in words; empty: there is, and it was. */
  readonly problem: string
  readonly tookMs: number
}

export interface ShardsRequest extends Omit<ShardContainer, 'shard'> {
  /** Where `shard-1`, `shard-2`, … go. */
  readonly directory: string
  /** Milliseconds after which a shard is ended. */
  readonly limitMs: number
  readonly interrupted: AbortSignal
  say(line: string): void
}

/** How often an engine is asked for a shard that it runs. */
const lookMs = 2_000

/** Runs all shards: each engine takes the next one as soon as it has none. In their order. */
export async function runShards(engines: readonly ShardEngine[], request: ShardsRequest): Promise<ShardEnd[]> {
  const waiting = Array.from({ length: request.count }, (_, index) => index + 1)
  const ends: ShardEnd[] = []
  const work = async (engine: ShardEngine) => {
    for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
      if (request.interrupted.aborted) return
      const end = await runShard(engine, shard, request)
      const how = end.problem || `exit code ${end.exitCode}`
      request.say(`shard ${shard} on ${engine.name}: ${how}, after ${formatDuration(end.tookMs)}`)
      ends.push(end)
    }
  }
  await Promise.all(engines.map(work))
  return ends.toSorted((left, right) => left.shard - right.shard)
}

async function runShard(engine: ShardEngine, shard: number, request: ShardsRequest): Promise<ShardEnd> {
  const { directory, limitMs, interrupted, say } = request
  const began = performance.now()
  const end = (exitCode: number | null, problem: string): ShardEnd => {
    return { shard, engine: engine.name, exitCode, problem, tookMs: performance.now() - began }
  }
  const container = containerName(request, shard)
  try {
    await engine.start(container, { ...request, shard })
    const logs = engine.logs(container, (line) => say(`shard ${shard}  ${line}`))
    const exitCode = await ended(engine, container, { limitMs, interrupted }, (text) => say(`shard ${shard}: ${text}`))
    if (exitCode === null) logs.kill()
    // Its last lines; that an engine far away broke off before them says nothing of the shard.
    else await logs.done.catch(() => undefined)
    if (interrupted.aborted) return end(null, 'interrupted')
    await engine.take(container, `/out/shard-${shard}`, directory)
    return exitCode === null ? end(null, `no end within ${formatDuration(limitMs)}`) : end(exitCode, '')
  } catch (error) {
    return end(null, messageOf(error))
  } finally {
    await engine.remove(container).catch((error: unknown) => {
      say(`${container} may still be on ${engine.name}: ${messageOf(error)}`)
    })
  }
}

export function containerName({ run }: Pick<ShardContainer, 'run'>, shard: number): string {
  return `clusterproof-shard-${run}-${shard}`
}

/** The container's exit code; null: its time is over. That an engine does not answer for a while is told, and no end. */
async function ended(
  engine: ShardEngine,
  container: string,
  { limitMs, interrupted }: Pick<ShardsRequest, 'limitMs' | 'interrupted'>,
  say: (text: string) => void,
): Promise<number | null> {
  const deadline = performance.now() + limitMs
  let told = ''
  while (performance.now() < deadline && !interrupted.aborted) {
    try {
      const { running, exitCode } = await engine.state(container)
      if (!running) return exitCode
      told = ''
    } catch (error) {
      const text = messageOf(error)
      if (text !== told) say(`its engine does not answer: ${text}`)
      told = text
    }
    await delay(lookMs, null, { signal: interrupted }).catch(() => null)
  }
  return null
}

/** The folders that shards leave. */
export function shardFolders(count: number, directory: string): string[] {
  return Array.from({ length: count }, (_, index) => path.join(directory, `shard-${index + 1}`))
}
