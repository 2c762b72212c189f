import type { Worker } from 'node:worker_threads'

import type { CampaignResult } from './campaign.ts'

/** What a worker is told. */
export interface Assignment {
  readonly name: string
  readonly inputs: number
  readonly seed: number
  /** An empty folder of its own. */
  readonly folder: string
  /** Counts the inputs that were tried. */
  readonly tried: SharedArrayBuffer
}

export interface Answer extends CampaignResult {
  /** Folds of reports that said they were not whole. */
  readonly warnings: number
  readonly tookMs: number
}

/** How often is looked whether the worker goes on, in milliseconds. */
const lookMs = 1_000

/**
 * What the worker comes to. A worker that comes to no end, or to its own, has met an input that does that: such a one
 * cannot be made smaller, because it ends whoever tries it.
 */
export function watched(worker: Worker, tried: Int32Array, { stillMs }: { readonly stillMs: number }): Promise<Answer> {
  const began = performance.now()
  const { promise, resolve } = Promise.withResolvers<Answer>()
  let last = { count: 0, at: began }
  const fail = (what: string) => {
    const inputs = Atomics.load(tried, 0)
    resolve({ inputs, failure: `input ${inputs + 1} ${what}`, warnings: 0, tookMs: performance.now() - began })
  }
  const timer = setInterval(
    () => {
      const [count, now] = [Atomics.load(tried, 0), performance.now()]
      if (count !== last.count) last = { count, at: now }
      else if (now - last.at > stillMs) fail(`has not come to an end for ${Math.round((now - last.at) / 1_000)} s`)
    },
    Math.min(lookMs, stillMs),
  )
  worker.once('message', resolve)
  worker.once('error', (error) => fail(`ends the process: ${error.message}`))
  worker.once('exit', (code) => fail(`ends the process with exit code ${code}`))
  return promise.finally(async () => {
    clearInterval(timer)
    await worker.terminate()
  })
}
