import { resolveCluster } from '../clusters/index.ts'
import { k3sImage } from '../harness/images/k3s-versions.ts'
import { type ImageRequest, nodeImage } from '../harness/images/request.ts'
import { formatVersion, minorOf, parseVersion } from '../harness/images/version.ts'
import { kindNodeImage, kubernetesVersion } from '../harness/images/versions.ts'
import type { ClusterDefinition } from '../harness/topology.ts'
import { UserError } from '../harness/user-error.ts'

/** One run of a matrix: a cluster with one version of Kubernetes. */
export interface Leg {
  /** `kind-1.34.4`: no two legs have the same one. It is a folder's name, too. */
  readonly name: string
  /** As `--clusters` has it: the name or the file of a definition. */
  readonly cluster: string
  /** As `--kubernetes` has it, `1.34` or `1.34.4`; empty: the definition's own. */
  readonly kubernetes: string
  /** What the leg runs on: the cluster's definition, with that version in it. */
  readonly definition: ClusterDefinition
  /** What the leg's machines are made of; null: there is nothing to be had for a cluster that is there already. */
  readonly image: ImageRequest | null
}

/** What belongs to one version: fields of the definition, and the image that must be there before the leg starts. */
interface Choice {
  readonly fields: Pick<ClusterDefinition, 'kubernetes' | 'nodeImage'>
  readonly image: ImageRequest
}

/**
 * Every cluster with every version, in that order; without versions every cluster with its own.
 * @throws {UserError} with exit code 2 and a line for each leg that cannot be, before anything is started
 */
export function planLegs(
  clusters: readonly string[],
  versions: readonly string[],
  resolve: (reference: string) => ClusterDefinition = resolveCluster,
): Leg[] {
  const wanted = [...new Set(versions.map((version) => version.replace(/^v/, '')))]
  const definitions = [...new Set(clusters)].map((cluster) => ({ cluster, definition: resolve(cluster) }))
  refuseSharedNames(definitions.map(({ definition: { name } }) => name))
  const impossible: string[] = []
  const legs = definitions.flatMap(({ cluster, definition }) => {
    if (wanted.length === 0) return [ownLeg(cluster, definition)]
    return wanted.flatMap((kubernetes) => {
      const name = `${definition.name}-${kubernetes}`
      const choice = chosen(definition, kubernetes)
      if (typeof choice === 'string') {
        impossible.push(`${name}: ${choice}`)
        return []
      }
      const { nodeImage: _, ...others } = definition
      return [{ name, cluster, kubernetes, definition: { ...others, ...choice.fields }, image: choice.image }]
    })
  })
  if (impossible.length === 0) return legs
  throw new UserError(`not every leg of the matrix can be:\n  ${impossible.join('\n  ')}`, {
    exitCode: 2,
    hint: 'Leave out these versions or clusters, or run the rest as a matrix of its own. Nothing was started.',
  })
}

/** A cluster with what its definition says, which may name an image of its own. */
function ownLeg(cluster: string, definition: ClusterDefinition): Leg {
  const { name, provider, kubernetes, nodeImage: own } = definition
  const choice = provider === 'existing' || own !== undefined ? null : chosen(definition, kubernetes)
  const image = choice === null || typeof choice === 'string' ? null : choice.image
  return { name, cluster, kubernetes: '', definition, image }
}

/** How a version comes to a cluster, or why it does not. */
function chosen({ provider }: ClusterDefinition, kubernetes: string): Choice | string {
  if (provider === 'existing') return 'a cluster that is there already has the version that it has'
  const exact = parseVersion(kubernetes)
  const minor = exact === undefined ? kubernetes : minorOf(exact)
  if (!/^1\.\d+$/.test(minor)) return `${JSON.stringify(kubernetes)} is no version such as 1.34 or 1.34.4`
  try {
    const known = provider === 'k3s' ? [k3sChoice(minor)] : nodeChoices(minor)
    const [first] = known
    if (exact === undefined && first !== undefined) return withoutPatch(provider, minor, first)
    const found = known.find(({ version }) => version === kubernetes)
    if (found !== undefined) return found
    return `there is no node image of ${kubernetes}; of ${minor} there is ${known.map(({ version }) => version).join(', ')}`
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
}

/** Any release of a minor will do: the one that is nearest, as without a matrix. */
function withoutPatch(provider: ClusterDefinition['provider'], minor: string, { fields, image }: Choice): Choice {
  return provider === 'k3s' ? { fields, image } : { fields: { kubernetes: minor }, image: nodeImage(minor) }
}

type Known = Choice & { readonly version: string }

/** The exact versions of a minor: the one that is built here, and the one that kind published. */
function nodeChoices(minor: string): Known[] {
  const { pull: _, ...own } = nodeImage(minor)
  const version = formatVersion(kubernetesVersion(minor))
  const built = { version, fields: { kubernetes: minor, nodeImage: own.name }, image: { ...own, accepted: [own.name] } }
  const published = kindNodeImage(minor)
  const [name = '', tag] = published?.split('@')[0]?.split(':v') ?? []
  if (published === undefined || tag === undefined || tag === version) return [built]
  const reference = `${name}:v${tag}`
  const image = { name: reference, accepted: [reference], pull: published }
  return [built, { version: tag, fields: { kubernetes: minor, nodeImage: reference }, image }]
}

function k3sChoice(minor: string): Known {
  const image = k3sImage(minor)
  const version = /:v(\d+\.\d+\.\d+)-/.exec(image.name)?.[1] ?? minor
  return { version, fields: { kubernetes: minor }, image }
}

function refuseSharedNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  throw new UserError(`two of the clusters have the name ${twice}: their legs could not be told apart`, {
    exitCode: 2,
    hint: 'Give each definition a name of its own.',
  })
}
