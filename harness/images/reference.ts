/** The name of an image, as docker and containerd read it. */
export interface ImageReference {
  /** `docker.io` where the name has none. */
  readonly registry: string
  /** With `library/` where Docker Hub's names leave it out. */
  readonly repository: string
  /** `latest` where the name has neither tag nor digest. */
  readonly tag?: string
  /** `sha256:…` */
  readonly digest?: string
}

const defaultRegistry = 'docker.io'

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^[a-z0-9]+:[a-f0-9]{32,}$/

/**
 * Reads a name such as `kindest/node:v1.34.0`, `ghcr.io/a/b@sha256:…` or `localhost:5000/c`.
 * @throws {RangeError} where the text is no such name
 */
export function parseReference(text: string): ImageReference {
  const [withTag = '', digest, ...more] = text.split('@')
  const slash = withTag.lastIndexOf('/')
  const colon = withTag.indexOf(':', slash + 1)
  const name = colon === -1 ? withTag : withTag.slice(0, colon)
  const tag = colon === -1 ? undefined : withTag.slice(colon + 1)
  const { registry, repository } = splitName(name)
  const valid =
    more.length === 0 &&
    repositoryPattern.test(repository) &&
    (tag === undefined || tagPattern.test(tag)) &&
    (digest === undefined || digestPattern.test(digest))
  if (!valid) throw new RangeError(`${JSON.stringify(text)} is not the name of an image`)
  if (digest !== undefined)
    return tag === undefined ? { registry, repository, digest } : { registry, repository, tag, digest }
  return { registry, repository, tag: tag ?? 'latest' }
}

/** The first component is a registry only where it looks like a host: docker's own rule. */
function splitName(name: string): { registry: string; repository: string } {
  const [first = '', ...rest] = name.split('/')
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost')
  const registry = isHost ? first.replace(/^index\.docker\.io$/, defaultRegistry) : defaultRegistry
  const repository = isHost ? rest.join('/') : name
  const implied = registry === defaultRegistry && !repository.includes('/') ? `library/${repository}` : repository
  return { registry, repository: implied }
}

/** The name with everything in it: `docker.io/library/busybox:latest`. Two names are the same image's if these are. */
export function canonicalName(reference: ImageReference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`
}

/** The name as docker shows it: `busybox:latest`, `kindest/node:v1.34.0`, `ghcr.io/a/b:c`. */
export function familiarName(reference: ImageReference): string {
  const { registry, repository } = reference
  const short = repository.replace(/^library\/(?=[^/]+$)/, '')
  // Where the short name would be read as another registry's, the registry stays.
  const hasShortName = registry === defaultRegistry && splitName(short).repository === repository
  return (hasShortName ? short : `${registry}/${repository}`) + suffix(reference)
}

function suffix({ tag, digest }: ImageReference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
}
