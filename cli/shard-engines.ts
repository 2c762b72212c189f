import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { run as runProcess } from '../harness/process.ts'
import { privateDirectory } from '../harness/private-files.ts'
import { newRun, type Run } from '../harness/run.ts'
import { UserError } from '../harness/user-error.ts'
import { shownPath } from './command.ts'
import { runShards, type ShardEnd, shardFolders } from './engine-shards.ts'
import { main } from './main.ts'
import { worstExitCode } from './matrix-result.ts'
import { checkWritable } from './output-directory.ts'
import { session } from './session.ts'
import { plan } from './shard.ts'
import { ShardEngine } from './shard-engine.ts'
import { type ShardEnginesOptions, shardEnginesOptions } from './shard-engines-options.ts'
import { ownCommand, step } from './steps.ts'

/** Merging what shards have left, and writing the image into a file: milliseconds. */
const localLimitMs = 10 * 60_000

/**
 * `npm run shards:engines`: runs the shards of `npm test` on Docker engines, which may be on other machines, and makes one
 * report of what they leave. Returns the exit code.
 */
async function shardEngines(args: readonly string[]): Promise<number> {
  const options = shardEnginesOptions(args)
  if (options === null) return 0
  const { out, count, debug } = options
  // Before anything is started: that there are files enough.
  await plan(options.division, count)
  checkWritable(out)
  const run = newRun({ out, debug })
  const { value: ends, interruption } = await session(run, { writesVerdicts: true }, (interrupted) =>
    onEngines(run, options, interrupted),
  )
  if (interruption !== null) return interruption.exitCode
  const folders = shardFolders(count, out).filter((folder) => existsSync(folder))
  if (ends === null || folders.length === 0) return worstExitCode(ends ?? [])
  const report = ['cli/report.ts', ...folders, '--out', mergedIn(out), '--no-history']
  const reported = await step('one report of all shards', () => ownCommand(report, localLimitMs))
  return worstExitCode([...ends, { exitCode: reported }])
}

async function onEngines(run: Run, options: ShardEnginesOptions, interrupted: AbortSignal): Promise<ShardEnd[]> {
  const { count, image, args, limitMs, out } = options
  const byName = new Map(options.engines.map((name) => [name, new ShardEngine(name)]))
  await provide(run, image, [...byName.values()], interrupted)
  // What an earlier run has left there would pass for what shards leave now.
  const earlier = readdirSync(out).filter((name) => /^shard-\d+$/.test(name))
  for (const folder of [...earlier.map((name) => path.join(out, name)), mergedIn(out)]) {
    rmSync(folder, { recursive: true, force: true })
  }
  const engines = options.engines.flatMap((name) => byName.get(name) ?? [])
  say(`run ${run.id}: ${count} shards on ${engines.map(({ name }) => name).join(', ')}, into ${shownPath(out)}`)
  return runShards(engines, { count, image, run: run.id, args, directory: out, limitMs, interrupted, say })
}

function mergedIn(out: string): string {
  return path.join(out, 'merged')
}

function say(line: string): void {
  console.log(line)
}

/**
 * Gives the image of this machine's own engine to every engine that does not have it.
 * @throws {UserError} where there is none to give, or an engine is not to be had
 */
async function provide(
  run: Run,
  image: string,
  engines: readonly ShardEngine[],
  interrupted: AbortSignal,
): Promise<void> {
  const own = await ownImage(image)
  for (const engine of engines) await engine.requireReady(own?.architecture ?? null)
  const held = await Promise.all(engines.map((engine) => engine.imageId(image)))
  const lacking = engines.filter((_, index) => held[index] === null || (own !== null && held[index] !== own.id))
  if (lacking.length === 0) return
  const names = lacking.map(({ name }) => name).join(', ')
  if (own === null) {
    throw new UserError(`neither this machine's Docker engine nor ${names} has the image ${image}`, {
      exitCode: 2,
      hint: `deploy/runner-image/build ${image}`,
    })
  }
  const archive = path.join(privateDirectory(run.workDirectory), 'runner.tar')
  const save = ['save', '--output', archive, image]
  await step(`the image ${image}, out of this engine`, () =>
    runProcess('docker', save, { timeoutMs: localLimitMs, signal: interrupted }),
  )
  for (const engine of lacking) await step(`the image, to ${engine.name}`, () => engine.load(archive, interrupted))
}

async function ownImage(image: string): Promise<{ readonly id: string; readonly architecture: string } | null> {
  const format = '{{.Id}} {{.Architecture}}'
  const { stdout, exitCode } = await runProcess('docker', ['image', 'inspect', '--format', format, image], {
    reject: false,
  })
  const [id = '', architecture = ''] = stdout.trim().split(' ')
  return exitCode === 0 ? { id, architecture } : null
}

await main(shardEngines)
