import { archivesIn } from '../harness/images/archives.ts'
import { engine } from '../harness/images/engine.ts'
import { heldImage } from '../harness/images/engine-images.ts'
import { describeProvided, MissingImage, provide } from '../harness/images/provide.ts'
import { bestMatch, type ImageRequest } from '../harness/images/request.ts'
import { archiveFolder, cacheFolder } from '../harness/images/settings.ts'
import { run } from '../harness/process.ts'
import type { Leg } from './matrix-legs.ts'

/**
 * Sees to it that the engine holds what the legs' machines are made of, before the first leg starts: what cannot be had is
 * known at once, and no leg is measured beside a build.
 * @returns why it cannot be had, by the leg's name, of the legs that cannot
 * @throws {UserError} where the engine does not answer or has no room, or a way breaks half-way
 */
export async function provideImages(
  legs: readonly Leg[],
  { offline, say }: { readonly offline: boolean; readonly say: (line: string) => void },
): Promise<Map<string, string>> {
  const missing = new Map<string, string>()
  for (const { image, of } of wanted(legs)) {
    try {
      say(describeProvided(image, await provide(image, { offline, say: (line) => say(`  ${line}`) })))
    } catch (error) {
      if (!(error instanceof MissingImage)) throw error
      say(`image ${image.name}: ${error.message}`)
      for (const leg of of) missing.set(leg, error.message)
    }
  }
  return missing
}

/** Where an image would come from, in words; looks, and changes nothing. */
export async function originOf(image: ImageRequest, offline: boolean): Promise<string> {
  await engine()
  const held = await heldImage(image.accepted, run)
  if (held !== undefined) return `the engine has ${held}`
  const folder = archiveFolder()
  const archives = folder === undefined ? [] : await archivesIn(folder, cacheFolder())
  const names = archives.flatMap((archive) => ('images' in archive ? archive.images : []))
  const archived = bestMatch(image.accepted, names)
  if (archived !== undefined) return `an archive in ${folder} has ${archived}`
  const ways = [
    ...(image.pull === undefined || offline ? [] : [`pulled as ${image.pull}`]),
    ...(image.build === undefined ? [] : ['built from source']),
  ]
  return ways.length === 0 ? 'cannot be had: no way leads to it' : `would be ${ways.join(', else ')}`
}

/** Each image once, with the names of the legs that want it. */
function wanted(legs: readonly Leg[]): { image: ImageRequest; of: string[] }[] {
  const images = new Map<string, { image: ImageRequest; of: string[] }>()
  for (const { name, image } of legs) {
    if (image === null) continue
    // Two requests of one name may accept different images: any of a minor, or this one alone.
    const key = JSON.stringify(image)
    const entry = images.get(key) ?? { image, of: [] }
    entry.of.push(name)
    images.set(key, entry)
  }
  return [...images.values()]
}
