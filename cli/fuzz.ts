import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'

import Table from 'cli-table3'

import { UserError } from '../harness/user-error.ts'
import { command, parse, wholeNumber } from './command.ts'
import type { Campaign } from './fuzz/campaign.ts'
import { campaigns } from './fuzz/campaigns.ts'
import { type Answer, type Assignment, watched } from './fuzz/watched.ts'
import { main } from './main.ts'

interface Flags {
  readonly inputs: number
  readonly seed?: number
  readonly only?: string
  readonly debug?: boolean
}

/** An input that takes a minute on whatever host has no end that anybody would wait for. */
const stillMs = 60_000

/** What one campaign may take of memory: a hundred times what it needs of its inputs, and what fast-check needs. */
const heapMb = 256

/**
 * `npm run fuzz`: reads definitions, journals, verdicts and output directories made at random or damaged at random.
 * Returns the exit code: 0 where each was read or refused in words, 1 where one was not.
 */
async function fuzz(args: readonly string[]): Promise<number> {
  const flags = parse<Flags>(
    command(
      'npm run fuzz',
      'Reads what was made or damaged at random, and sees to it that nothing but words comes of it.',
    )
      .option('--inputs <N>', 'how many inputs in all', wholeNumber(1, 1_000_000_000), 100_000)
      .option('--seed <S>', 'makes the inputs of an earlier run again', wholeNumber(0, 2 ** 31 - 1))
      .option('--only <NAME>', `one campaign, with its own part of the inputs: ${names(campaigns)}`)
      .option('--debug', 'show stack traces'),
    args,
  )
  if (flags === null) return 0
  const { inputs, seed = randomInt(2 ** 31), only } = flags
  const chosen = campaigns.filter(({ name }) => only === undefined || name === only)
  if (chosen.length === 0) {
    throw new UserError(`there is no campaign ${only}`, { exitCode: 2, hint: `They are: ${names(campaigns)}.` })
  }
  console.log(`seed ${seed}, ${inputs} inputs`)
  const began = performance.now()
  const answers = await atOnce(chosen, (campaign) => tried(campaign, { inputs, seed }))
  console.log(table(answers))
  const total = answers.reduce((sum, { answer }) => sum + answer.inputs, 0)
  const seconds = (performance.now() - began) / 1_000
  console.log(`${total} inputs in ${seconds.toFixed(1)} s: ${Math.round(total / seconds)} a second`)
  for (const { campaign, answer } of answers) {
    if (answer.failure === null) continue
    console.log(`\n${campaign.name}: ${answer.failure}`)
    console.log(`again: npm run fuzz -- --seed ${seed} --inputs ${inputs} --only ${campaign.name}`)
  }
  return answers.every(({ answer }) => answer.failure === null) ? 0 : 1
}

interface Tried {
  readonly campaign: Campaign
  readonly answer: Answer
}

async function tried(campaign: Campaign, { inputs, seed }: { inputs: number; seed: number }): Promise<Tried> {
  const count = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  const own = Math.max(1, Math.round(inputs * campaign.share))
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-fuzz-'))
  const workerData: Assignment = { name: campaign.name, inputs: own, seed, folder, tried: count }
  const worker = new Worker(new URL('./fuzz/worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  })
  try {
    return { campaign, answer: await watched(worker, new Int32Array(count), { stillMs }) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As many at once as there are processors, in their order. */
async function atOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const waiting = [...items.entries()]
  const done: R[] = []
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) done[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return done
}

function table(all: readonly Tried[]): string {
  const rows = all.map(({ campaign: { name, subject }, answer: { inputs, tookMs, warnings, failure } }) => [
    failure === null ? 'holds' : 'FAILS',
    name,
    inputs,
    Math.round(inputs / (tookMs / 1_000)),
    warnings,
    subject,
  ])
  const made = new Table({
    head: ['', 'campaign', 'inputs', 'a second', 'warnings', 'what is read'],
    style: { head: [], border: [] },
  })
  made.push(...rows)
  return made.toString()
}

function names(all: readonly Campaign[]): string {
  return all.map(({ name }) => name).join(', ')
}

await main(fuzz)
