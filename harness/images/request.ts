import { canonicalName, parseReference } from './reference.ts'
import { compareVersions, formatVersion, parseVersion } from './version.ts'
import { kindNodeImage, kubernetesVersion } from './versions.ts'

/** An image that is wanted, and every way in which it may be had. */
export interface ImageRequest {
  /** What messages call it. */
  readonly name: string
  /** Names under which the engine or an archive may hold it, best first. The tag `v1.34.*` is any such release. */
  readonly accepted: readonly string[]
  /** What to ask a registry for; absent where no registry has it. */
  readonly pull?: string
  readonly build?: ImageBuild
  /** What its publisher builds it on: an archive may hold the program alone, and is then completed. */
  readonly base?: 'distroless-static'
}

/** How an image is built from source. */
export interface ImageBuild {
  /** The name that the built image gets. */
  readonly image: string
  /** The build's program, relative to the project's folder. */
  readonly program: string
  readonly args: readonly string[]
  /** With these the program prints the name of what it makes the image from; the image has it as its label. */
  readonly recipeArgs: readonly string[]
  /** A program that it is built with; where that is not on the PATH, building is no way to the image. */
  readonly needs?: string
}

/** The label of a built image that names what it was made from. */
export const recipeLabel = 'clusterproof.recipe'

/**
 * An image by its name, which is not built here.
 * @throws {RangeError} where the text is no name of an image
 */
export function imageNamed(reference: string): ImageRequest {
  parseReference(reference)
  return { name: reference, accepted: [reference], pull: reference }
}

/**
 * The image that nodes of a Kubernetes minor such as `1.34` are made of: this project's own, or kind's.
 * @throws {UserError} where the minor is not supported
 */
export function nodeImage(minor: string): ImageRequest {
  const own = `clusterproof/node:v${formatVersion(kubernetesVersion(minor))}`
  const published = kindNodeImage(minor)
  return {
    name: own,
    accepted: [own, `kindest/node:v${minor}.*`],
    ...(published !== undefined && { pull: published }),
    build: { image: own, program: 'clusters/node-image/build', args: [minor, own], recipeArgs: ['--recipe', minor] },
  }
}

/**
 * The best of the available images for what is accepted: the first accepted name that any has, and of several
 * releases the newest.
 */
export function bestMatch(accepted: readonly string[], available: readonly string[]): string | undefined {
  for (const name of accepted) {
    const [newest] = available.filter((image) => accepts(name, image)).toSorted(newestFirst)
    if (newest !== undefined) return newest
  }
  return undefined
}

function accepts(name: string, image: string): boolean {
  if (!isPattern(name)) return canonical(name) === canonical(image)
  const [repository, tag] = [canonicalRepository(name.slice(0, name.lastIndexOf(':'))), tagOf(name).slice(0, -1)]
  return canonicalRepository(image) === repository && tagOf(image).startsWith(tag) && releaseOf(image) !== undefined
}

/** Whether an accepted name stands for several releases. */
export function isPattern(name: string): boolean {
  return name.endsWith('*')
}

function newestFirst(a: string, b: string): number {
  const [left, right] = [releaseOf(a), releaseOf(b)]
  return left !== undefined && right !== undefined ? compareVersions(right, left) : 0
}

function releaseOf(image: string) {
  return parseVersion(tagOf(image))
}

function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1)
}

function canonical(image: string): string {
  return canonicalName(parseReference(image))
}

function canonicalRepository(image: string): string {
  const { registry, repository } = parseReference(image)
  return `${registry}/${repository}`
}
