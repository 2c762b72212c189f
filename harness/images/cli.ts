import { parseArgs } from 'node:util'

import { messageOf } from '../error-message.ts'
import { exitCodeOf, formatError, UserError } from '../user-error.ts'
import { engine, requirePrivileged, requireRoom } from './engine.ts'
import { describeProvided, MissingImage, provide, type ProvideOptions } from './provide.ts'
import { type ImageRequest, nodeImage } from './request.ts'
import { isOffline } from './settings.ts'
import { subjects } from './subjects.ts'
import { chosenKubernetes } from './versions.ts'

/**
 * `node harness/images/cli.ts --kubernetes 1.34,1.36 --offline`: provides node images, and makes sure that the engine
 * can run clusters of them; and those images that are built here, where they can be had. For ./setup.
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
  for (const image of built) await provideIfPossible(image, { engine: on, offline: offline || isOffline(), say })
  await requireRoom(on, 'cluster')
}

/** Helpers of scenarios that may have to be compiled, which would disturb what is measured meanwhile. */
const built = [subjects.registry.image, subjects.elector.image]

/** An image without which some scenarios are skipped. */
async function provideIfPossible(image: ImageRequest, options: ProvideOptions): Promise<void> {
  try {
    console.log(describeProvided(image, await provide(image, options)))
  } catch (error) {
    if (!(error instanceof MissingImage)) throw error
    console.log(`image ${image.name}: missing, what needs it is skipped (${error.message})`)
  }
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
    throw new UserError(messageOf(cause), {
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
