import { formatDuration } from '../duration.ts'
import { run, stream } from '../process.ts'
import { UserError } from '../user-error.ts'
import { completeBase } from './base-files.ts'
import { engine } from './engine.ts'
import { imageId } from './engine-images.ts'
import type { ImageRequest } from './request.ts'
import { archiveFolder, cacheFolder, isOffline } from './settings.ts'
import { fromArchive, fromEngine, fromRegistry, fromSource, type Surroundings } from './ways.ts'

/** An image that the engine holds. */
export interface ProvidedImage {
  /** The name under which the engine holds it, which may be another than the one that was wanted. */
  readonly reference: string
  /** Its content-addressed id. */
  readonly id: string
  /** Which way was taken, in words: `from the engine`, `pulled as kindest/node:v1.34.11`. */
  readonly from: string
  /** Why the ways before that one did not lead there. */
  readonly missed: readonly string[]
  /** Milliseconds. */
  readonly tookMs: number
}

/** No way leads to the image from here. That a way broke half-way is another error. */
export class MissingImage extends UserError {}

/** What may differ from this machine's settings. */
export type ProvideOptions = Partial<Surroundings>

/** In this order: what is there, what is near, what is published, what can be made. */
const ways = [fromEngine, fromArchive, fromRegistry, fromSource]

/**
 * Sees to it that the engine holds an image.
 * @throws {MissingImage} where no way leads there
 * @throws {UserError} where the engine does not answer or has no room, or a way breaks half-way
 */
export async function provide(image: ImageRequest, options: ProvideOptions = {}): Promise<ProvidedImage> {
  const startedAt = performance.now()
  const surroundings = await surroundingsOf(options)
  const missed: string[] = []
  for (const way of ways) {
    const outcome = await way(image, surroundings)
    if ('missing' in outcome) {
      missed.push(outcome.missing)
      continue
    }
    const { reference } = outcome
    const completed = image.base !== undefined && (await completeBase(reference, surroundings.run))
    const from = completed ? `${outcome.from}, completed by the files of ${image.base}` : outcome.from
    const id = await imageId(reference, surroundings.run)
    if (id === undefined) throw vanished(reference, from)
    return { reference, id, from, missed, tookMs: performance.now() - startedAt }
  }
  throw new MissingImage(`no way leads to the image ${image.name}: ${missed.join('; ')}`, {
    hint: 'Run where its registry can be reached, or put an archive of it (`docker save`) where CLUSTERPROOF_IMAGES says.',
  })
}

async function surroundingsOf(options: ProvideOptions): Promise<Surroundings> {
  return {
    engine: options.engine ?? (await engine(options.run)),
    run: options.run ?? run,
    stream: options.stream ?? stream,
    offline: options.offline ?? isOffline(),
    archives: 'archives' in options ? options.archives : archiveFolder(),
    cache: options.cache ?? cacheFolder(),
    say: options.say ?? (() => {}),
  }
}

function vanished(reference: string, from: string): UserError {
  return new UserError(`${reference} was had (${from}), and now the engine does not have it`, {
    hint: 'Something else removes images from this engine: run it again when that has ended.',
  })
}

/** One line: `image clusterproof/node:v1.34.4: from the engine (0.1 s)`. */
export function describeProvided(image: ImageRequest, { from, tookMs }: ProvidedImage): string {
  return `image ${image.name}: ${from} (${formatDuration(tookMs)})`
}
