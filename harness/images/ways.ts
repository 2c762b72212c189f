import { CommandError, type Run, type stream } from '../process.ts'
import { onPath } from '../provided-program.ts'
import { UserError } from '../user-error.ts'
import { archivesIn, damagedError, type DamagedArchive, type ImageArchive } from './archives.ts'
import { type Engine, noRoom, requireRoom, saysNoRoom } from './engine.ts'
import { heldImage, imageId, imageLabel, loadArchive } from './engine-images.ts'
import { familiarName, parseReference } from './reference.ts'
import { bestMatch, type ImageRequest, recipeLabel } from './request.ts'
import { projectFolder } from './settings.ts'

/** What the ways of getting an image work with. */
export interface Surroundings {
  readonly engine: Engine
  readonly run: Run
  readonly stream: typeof stream
  readonly offline: boolean
  /** The folder of archives, if there is one. */
  readonly archives: string | undefined
  readonly cache: string
  /** Told of each step that takes long, and of each line that a build says. */
  readonly say: (line: string) => void
}

/** Either the name under which the engine now holds the image, or why this way did not lead there. */
export type Outcome = { readonly reference: string; readonly from: string } | { readonly missing: string }

export type Way = (image: ImageRequest, surroundings: Surroundings) => Promise<Outcome>

export const fromEngine: Way = async (image, { run, say }) => {
  const outdated = await outdatedImage(image, run)
  const accepted = image.accepted.filter((name) => name !== outdated)
  const reference = await heldImage(accepted, run)
  if (reference !== undefined) return { reference, from: 'from the engine' }
  if (outdated === undefined) return { missing: 'the engine does not have it' }
  const missing = `the engine's ${outdated} is made from another recipe than this tree's`
  say(missing)
  return { missing }
}

export const fromArchive: Way = async (image, { archives, cache, run, say }) => {
  if (archives === undefined) return { missing: 'there is no folder of archives' }
  const all = await archivesIn(archives, cache)
  const readable = all.filter((archive): archive is ImageArchive => 'images' in archive)
  const reference = bestMatch(
    image.accepted,
    readable.flatMap(({ images }) => images),
  )
  const holder = readable.find(({ images }) => reference !== undefined && images.includes(reference))
  if (reference === undefined || holder === undefined) {
    const damaged = all.filter((archive): archive is DamagedArchive => 'damage' in archive)
    if (damaged.length > 0) throw damagedError(damaged, image.name)
    return { missing: `no archive in ${archives} has it` }
  }
  say(`loading ${reference} from ${holder.file}`)
  await loadArchive(holder.file, run)
  const loaded = familiarName(parseReference(reference))
  const remark = (await outdatedImage(image, run)) === loaded ? ", made from another recipe than this tree's" : ''
  return { reference: loaded, from: `from the archive ${holder.file}${remark}` }
}

/** A pull that takes longer has stalled; kind's node images are 400 MB. */
const pullLimitMs = 15 * 60_000

export const fromRegistry: Way = async (image, { engine, run, offline, say }) => {
  if (image.pull === undefined) return { missing: 'no registry has it' }
  if (offline) return { missing: 'no registry is asked, because this runs offline' }
  await requireRoom(engine, 'cluster')
  say(`pulling ${image.pull}`)
  try {
    await run('docker', ['pull', '--quiet', image.pull], { timeoutMs: pullLimitMs })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    if (saysNoRoom(error.stderr)) throw noRoom(error.stderr.trim(), error)
    const missing = `${image.pull} was not pulled: ${lastLine(error.stderr) ?? error.message}`
    say(missing)
    return { missing }
  }
  const reference = await nameByTag(image.pull, run)
  return { reference, from: `pulled${reference === image.name ? '' : ` as ${reference}`}` }
}

/** What was pulled by digest has no tag in the engine. It gets the one it was published under, to be found again. */
async function nameByTag(pulled: string, run: Run): Promise<string> {
  const { registry, repository, tag, digest } = parseReference(pulled)
  if (tag === undefined || digest === undefined) return pulled
  const [source, target] = [
    { registry, repository, digest },
    { registry, repository, tag },
  ].map(familiarName)
  if (source === undefined || target === undefined) return pulled
  await run('docker', ['tag', source, target])
  return target
}

export const fromSource: Way = async (image, { engine, run, stream: streams, say }) => {
  if (image.build === undefined) return { missing: 'it is not built from source here' }
  const { image: built, program, args, needs } = image.build
  if (needs !== undefined && onPath(needs) === undefined)
    return { missing: `it is built with ${needs}, which is not here` }
  await requireRoom(engine, 'build')
  const command = `${program} ${args.join(' ')}`
  say(`building ${built} from source: ${command}`)
  try {
    await streams(`${projectFolder}/${program}`, args, { cwd: projectFolder, onLine: say }).done
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    if (saysNoRoom(error.stderr)) throw noRoom(lastLine(error.stderr) ?? error.message, error)
    throw new UserError(`${built} could not be built from source`, {
      hint: `The lines of the build say why. It needs Go, and a mirror of Go modules and of Debian. By hand: ${command}`,
      cause: error,
    })
  }
  if ((await imageId(built, run)) !== undefined) return { reference: built, from: 'built from source' }
  throw new UserError(`${command} ended well, and the engine has no ${built}`, {
    hint: 'The build may have loaded it into another engine: see DOCKER_HOST and `docker context ls`.',
  })
}

/** A recipe is read in 15 ms; a busy machine may take seconds. */
const recipeLimitMs = 30_000

/** The name of this project's own image, where the engine holds one of that name that this tree would make differently. */
async function outdatedImage({ build }: ImageRequest, run: Run): Promise<string | undefined> {
  if (build === undefined) return undefined
  const made = await imageLabel(build.image, recipeLabel, run)
  if (made === undefined) return undefined
  const { stdout } = await run(`${projectFolder}/${build.program}`, build.recipeArgs, { timeoutMs: recipeLimitMs })
  return made === stdout.trim() ? undefined : build.image
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.trim()
}
