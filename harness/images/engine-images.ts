import { CommandError, type Run } from '../process.ts'
import { UserError } from '../user-error.ts'
import { noRoom, saysNoRoom } from './engine.ts'
import { bestMatch, isPattern } from './request.ts'

/** Listing and inspecting take milliseconds; a busy engine may take seconds. */
const askLimitMs = 30_000

/** A load of a 1 GiB archive took 20 s where this was measured. */
const loadLimitMs = 10 * 60_000

/** The content-addressed id of an image that the engine holds, or `undefined` where it holds none of that name. */
export function imageId(reference: string, run: Run): Promise<string | undefined> {
  return inspect(reference, '{{.Id}}', run)
}

/** A label of an image that the engine holds, empty where the image has no such label; `undefined` as for `imageId`. */
export function imageLabel(reference: string, label: string, run: Run): Promise<string | undefined> {
  return inspect(reference, `{{index .Config.Labels "${label}"}}`, run)
}

async function inspect(reference: string, format: string, run: Run): Promise<string | undefined> {
  const args = ['image', 'inspect', '--format', format, reference]
  const { exitCode, stdout, stderr } = await run('docker', args, { timeoutMs: askLimitMs, reject: false })
  if (exitCode === 0) return stdout.trim()
  if (/no such image/i.test(stderr)) return undefined
  throw new UserError(`the Docker engine does not say whether it has ${reference}: ${stderr.trim()}`, {
    hint: 'See what `docker image ls` says; the engine may be stopping or out of room.',
  })
}

/** The first of the accepted names that the engine holds. */
export async function heldImage(accepted: readonly string[], run: Run): Promise<string | undefined> {
  for (const name of accepted) {
    if (!isPattern(name)) {
      if ((await imageId(name, run)) !== undefined) return name
      continue
    }
    const args = ['image', 'ls', '--filter', `reference=${name}`, '--format', '{{.Repository}}:{{.Tag}}']
    const { stdout } = await run('docker', args, { timeoutMs: askLimitMs })
    const held = bestMatch(
      [name],
      stdout.split('\n').filter((image) => image !== '' && !image.includes('<none>')),
    )
    if (held !== undefined) return held
  }
  return undefined
}

/**
 * Loads an archive into the engine.
 * @throws {UserError} where the engine has no room for it or cannot read it
 */
export async function loadArchive(file: string, run: Run): Promise<void> {
  try {
    await run('docker', ['load', '--quiet', '--input', file], { timeoutMs: loadLimitMs })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    if (saysNoRoom(error.stderr)) throw noRoom(error.stderr.trim(), error)
    throw new UserError(`the image archive ${file} could not be loaded: ${error.stderr.trim() || error.message}`, {
      hint: 'It is probably damaged: copy it again from where it came, or remove it.',
      cause: error,
    })
  }
}
