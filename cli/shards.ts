import { writeFileSync } from 'node:fs'

import Table from 'cli-table3'
import { stringify } from 'yaml'

import { formatDuration } from '../harness/duration.ts'
import { UserError } from '../harness/user-error.ts'
import type { Verdict } from '../harness/verdict.ts'
import { readVerdicts } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { indexedJob } from './indexed-job.ts'
import { main } from './main.ts'
import { type Plan, plan } from './shard.ts'
import { shardLoads } from './shard-plan.ts'
import { renewedWeights, weightsFile } from './shard-weights.ts'
import { type ShardsOptions, shardsOptions } from './shards-options.ts'
import { verdictDifferences } from './verdict-differences.ts'

/** `npm run shards`: what each shard runs, and what runs them elsewhere. Returns the exit code. */
async function shards(args: readonly string[]): Promise<number> {
  const options = shardsOptions(args)
  if (options === null) return 0
  if (options.compare !== null) return compare(options.compare)
  if (options.save !== null) return save(options.save)
  // Also where the plan is not shown: that there are files enough is known before anything is started.
  const divided = await plan(options, options.count)
  console.log(textOf(divided, options))
  return 0
}

function textOf(divided: Plan, { print, count }: ShardsOptions): string {
  if (print === 'plan') return planTable(divided)
  if (print === 'numbers') return JSON.stringify({ shard: Array.from({ length: count }, (_, index) => index + 1) })
  return indexedJob(print)
    .map((object) => stringify(object))
    .join('---\n')
    .trimEnd()
}

/** A row a shard, with what it has to do one file after the other: two at a time it takes about half of that. */
function planTable({ files, count, units }: Plan): string {
  const table = new Table({ head: ['shard', 'takes', 'files'], style: { head: [], border: [], compact: false } })
  const loads = shardLoads(files, count, units)
  for (const [index, seconds] of loads.entries()) {
    const own = files.filter(({ shard }) => shard === index + 1)
    const lines = own.map(
      ({ file, weight, measured }) => `${file}  ${formatDuration(weight * 1_000)}${measured ? '' : ' (assumed)'}`,
    )
    const first = index === 0 && units > 0 ? [`unit tests  ${formatDuration(units * 1_000)}`] : []
    table.push([String(index + 1), formatDuration(seconds * 1_000), [...first, ...lines].join('\n')])
  }
  return table.toString()
}

function compare(directories: readonly [string, string]): number {
  const [ours, theirs] = directories.map(verdictsIn)
  const [one, other] = directories.map(shownPath)
  const differences = verdictDifferences([one ?? '', other ?? ''], ours ?? [], theirs ?? [])
  for (const line of differences) console.log(line)
  if (differences.length === 0) console.log(`the same ${ours?.length ?? 0} verdicts in ${one} and ${other}`)
  return differences.length === 0 ? 0 : 1
}

function verdictsIn(directory: string): readonly Verdict[] {
  const found = readVerdicts(directory)
  if (found !== null) return found.verdicts
  throw new UserError(`there is no verdicts.json in ${shownPath(directory)}`, {
    exitCode: 2,
    hint: 'Name the output directory of a run, or of a report of several.',
  })
}

function save(directory: string): number {
  const weights = renewedWeights(directory)
  writeFileSync(weightsFile, `${JSON.stringify(weights, null, 2)}\n`)
  console.log(`${shownPath(weightsFile)}: ${Object.keys(weights).length} files`)
  return 0
}

await main(shards)
