import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from '../harness/error-message.ts'
import { formatDuration } from '../harness/duration.ts'
import { ContainerGone, type ShardContainer, type ShardEngine } from './shard-engine.ts'

/** What came of a shard. */
export interface ShardEnd {
  readonly shard: number
  /** Empty: none was left to run it. */
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

/** How often an engine is asked for a shard that it runs, or that it does not give. */
const lookMs = 2_000

/** How long a log that has more to say is waited for once its container has ended. */
const lastLinesMs = 10_000

/** How often an engine is asked for what a shard has left: a network that was away for minutes has not lost an hour's work. */
const attempts = 100

/**
 * Runs all shards: each engine takes the next one as soon as it has none. One on which a shard cannot be started gives it
 * back, and gets no other. In their order.
 */
export async function runShards(engines: readonly ShardEngine[], request: ShardsRequest): Promise<ShardEnd[]> {
  const waiting = Array.from({ length: request.count }, (_, index) => index + 1)
  const ends: ShardEnd[] = []
  const able = new Set(engines.keys())
  const work = async (engine: ShardEngine, index: number) => {
    for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
      if (request.interrupted.aborted) return
      const end = await runShard(engine, shard, request)
      if (end === null) {
        able.delete(index)
        return void waiting.unshift(shard)
      }
      const how = end.problem || `exit code ${end.exitCode}`
      request.say(`shard ${shard} on ${engine.name}: ${how}, after ${formatDuration(end.tookMs)}`)
      ends.push(end)
    }
  }
  // Again where one was given back after the others had found nothing more to do.
  while (waiting.length > 0 && able.size > 0 && !request.interrupted.aborted) {
    await Promise.all(engines.map((engine, index) => (able.has(index) ? work(engine, index) : undefined)))
  }
  const left = (request.interrupted.aborted ? [] : waiting).map((shard): ShardEnd => {
    return { shard, engine: '', exitCode: null, problem: 'no engine was left to run it', tookMs: 0 }
  })
  for (const { shard, problem } of left) request.say(`shard ${shard}: ${problem}`)
  return [...ends, ...left].toSorted((one, other) => one.shard - other.shard)
}

/** Null: it could not be started. */
async function runShard(engine: ShardEngine, shard: number, request: ShardsRequest): Promise<ShardEnd | null> {
  const { directory, limitMs, interrupted } = request
  const say = (text: string) => request.say(`shard ${shard}  ${text}`)
  const began = performance.now()
  const end = (exitCode: number | null, problem: string): ShardEnd => {
    return { shard, engine: engine.name, exitCode, problem, tookMs: performance.now() - began }
  }
  const container = containerName(request, shard)
  let keeps = false
  try {
    try {
      await engine.start(container, { ...request, shard }, interrupted)
    } catch (error) {
      if (interrupted.aborted) return end(null, 'interrupted')
      say(`${engine.name} cannot start it, and gets no other: ${messageOf(error)}`)
      return null
    }
    const logs = engine.logs(container, say)
    const exitCode = await ended(engine, container, { limitMs, interrupted }, say)
    // That an engine far away has broken off says nothing of the shard.
    const said = logs.done.catch(() => undefined)
    if (exitCode !== null) await Promise.race([said, delay(lastLinesMs, null, { signal: interrupted, ref: false })])
    logs.kill()
    if (interrupted.aborted) return end(null, 'interrupted')
    keeps = true
    await take(engine, container, { folder: `/out/shard-${shard}`, directory, interrupted }, say)
    keeps = false
    return exitCode === null ? end(null, `no end within ${formatDuration(limitMs)}`) : end(exitCode, '')
  } catch (error) {
    if (interrupted.aborted) return end(null, 'interrupted')
    if (error instanceof ContainerGone) keeps = false
    return end(null, messageOf(error))
  } finally {
    if (keeps && !interrupted.aborted) say(`what it has left is still in the container ${container} on ${engine.name}`)
    else {
      await engine.remove(container).catch((error: unknown) => {
        say(`${container} may still be on ${engine.name}: ${messageOf(error)}`)
      })
    }
  }
}

function containerName({ run }: Pick<ShardContainer, 'run'>, shard: number): string {
  return `clusterproof-shard-${run}-${shard}`
}

/**
 * The container's exit code; null: its time is over. That an engine does not answer for a while is told, and no end.
 * @throws {ContainerGone}
 */
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
      if (error instanceof ContainerGone) throw error
      const text = messageOf(error)
      if (text !== told) say(`its engine does not answer: ${text}`)
      told = text
    }
    await delay(lookMs, null, { signal: interrupted }).catch(() => null)
  }
  return null
}

interface Taking extends Pick<ShardsRequest, 'directory' | 'interrupted'> {
  readonly folder: string
}

/** @throws what the engine said last */
async function take(
  engine: ShardEngine,
  container: string,
  { folder, directory, interrupted }: Taking,
  say: (text: string) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await engine.take(container, folder, directory)
    } catch (error) {
      if (error instanceof ContainerGone || attempt >= attempts || interrupted.aborted) throw error
      if (attempt === 1) say(`its engine does not give what it has left: ${messageOf(error)}`)
    }
    await delay(lookMs, null, { signal: interrupted }).catch(() => null)
  }
}

/** The folders that shards leave. */
export function shardFolders(count: number, directory: string): string[] {
  return Array.from({ length: count }, (_, index) => path.join(directory, `shard-${index + 1}`))
}
