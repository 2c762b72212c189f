import { parseArgs } from 'node:util'

import { exitCodeOf, formatError, UserError } from '../user-error.ts'
import { engine, requirePrivileged, requireRoom } from './engine.ts'
import { describeProvided, provide } from './provide.ts'
import { nodeImage } from './request.ts'
import { isOffline } from './settings.ts'
import { chosenKubernetes } from './versions.ts'

/**
 * `node harness/images/cli.ts --kubernetes 1.34,1.36 --offline`: provides node images, and makes sure that the engine
 * can run clusters of them. For ./setup.
 */
async function main(args: readonly string[]): Promise<void> {
  const { kubernetes, offline } = flags(args)
  const minors = chosenKubernetes(kubernetes)
  const on = await engine()
  for (const minor of minors) {
    const image = nodeImage(minor)
    const provided = await provide(image, { engine: on, offline: offline || isOffline(), say })
    console.log(describeProvided(image, provided))
    await requirePrivileged(on, provided.reference)
  }
  await requireRoom(on, 'cluster')
}

function flags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        kubernetes: { type: 'string', multiple: true, default: [] },
        offline: { type: 'boolean', default: false },
        debug: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    throw new UserError(cause instanceof Error ? cause.message : String(cause), {
      exitCode: 2,
      hint: 'The flags are --kubernetes MINOR (again or as a list), --offline and --debug.',
      cause,
    })
  }
}

const args = process.argv.slice(2)
try {
  await main(args)
} catch (error) {
  console.error(formatError(error, { debug: args.includes('--debug') }))
  process.exitCode = exitCodeOf(error)
}

function say(line: string): void {
  console.log(`  ${line}`)
}
