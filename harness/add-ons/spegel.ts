import { spegelElection } from '../budgets/election.ts'
import type { Term } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { MissingCapability } from '../faults/fault.ts'
import { installChart } from '../helm.ts'
import { type SpegelVersion, subjects } from '../images/subjects.ts'
import { KubeApiError } from '../kube/api.ts'
import type { Node } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { certsFolder } from '../registry/hosts-config.ts'
import { isKubernetesNode } from '../topology.ts'
import type { ElectionLock, Electorate } from './electorate.ts'
import { removeElectorate } from './electorate-removal.ts'
import type { Mirror } from './mirror.ts'
import { walkAnew } from './spegel-announce.ts'

export interface SpegelOptions {
  /** Base URLs of the registries that it mirrors: `http://upstream.test`. */
  readonly registries: readonly string[]
  /** Values of its chart that differ from the chart's own, such as `{ spegel: { containerdSock: … } }`. */
  readonly values?: Readonly<Record<string, unknown>>
}

/** Spegel as its chart installs it. */
export interface Spegel extends Electorate, Mirror, AsyncDisposable {
  readonly version: SpegelVersion
  readonly lock: ElectionLock | null
}

const namespace = 'spegel'
/** Of the release, and so of its DaemonSet, its ServiceAccount, its Role and, with a suffix, its lock. */
const release = 'spegel'

/** Its chart's `service.registry.hostPort`. */
const hostPort = 30_020

/** libp2p between the instances: its chart's `service.router.port`. */
const routerPort = 5_001

interface Traits {
  readonly lock: ElectionLock | null
  readonly startup: Term
  /** Where the node's containerd asks its own instance. */
  readonly endpoint: (address: string) => string
  readonly servesAlone: boolean
  readonly resolve: Term
  /** Its values for the registries that it mirrors. */
  readonly registries: (urls: readonly string[]) => object
}

const electing: Omit<Traits, 'endpoint'> = {
  lock: { name: `${release}-leader-election`, kinds: ['Lease', 'ConfigMap'] },
  startup: { name: 'startupProbe 60 × 1 s', ms: 60_000, source: "Spegel's chart, v0.0.14 and v0.0.17" },
  servesAlone: true,
  resolve: { name: 'mirrorResolveTimeout 5 s, 3 retries', ms: 5_000, source: "Spegel's chart, v0.0.14 and v0.0.17" },
  registries: (urls) => ({ registries: urls }),
}

/** What differs between the versions. */
const traits: Readonly<Record<SpegelVersion, Traits>> = {
  'v0.0.14': { ...electing, endpoint: () => `http://127.0.0.1:${hostPort}` },
  'v0.0.17': { ...electing, endpoint: (address) => `http://${address}:${hostPort}` },
  'v0.7.4': {
    lock: null,
    startup: { name: 'startupProbe 60 × 3 s', ms: 180_000, source: "Spegel's chart, v0.7.4" },
    endpoint: (address) => `http://${address}:${hostPort}`,
    // It is Ready once its table of peers is not empty (spegel#1256).
    servesAlone: false,
    // The chart's own 20 ms are less than a busy host takes to give the instances a processor, and what is found too late
    // counts as not there: a verdict would be one on the host.
    resolve: {
      name: 'mirrorResolveTimeout 1 s',
      ms: 1_000,
      source: "harness/add-ons/spegel.ts; the chart's own is 20 ms",
    },
    registries: (urls) => ({ mirroredRegistries: urls, mirrorResolveTimeout: '1s' }),
  },
}

/**
 * Installs Spegel with its own chart and its own values, but for the registries that it mirrors and, with v0.7.4, the time
 * in which it looks for a neighbour. Returns once the API has its objects. Disposing of it removes all of it but its
 * namespace: its lock too, and what it wrote for the nodes' containerd, which has again what it had before.
 * @throws {MissingCapability} where its image or its chart cannot be had, or the cluster has a Spegel of its own
 */
export async function installSpegel(
  cluster: StartedCluster,
  version: SpegelVersion,
  { registries, values = {} }: SpegelOptions,
): Promise<Spegel> {
  const { image, chart } = subjects.spegel[version]
  const { lock, startup, servesAlone, resolve, endpoint, registries: registryValues } = traits[version]
  await requireAbsent(cluster)
  await cluster.loadImage(image)
  const { spegel: own = {}, ...rest } = values
  // Each step is taken although another fails: a machine may be off.
  await using undo = new AsyncDisposableStack()
  undo.defer(() => restoreConfiguration(cluster, registries))
  const chartRelease = await installChart(cluster, {
    release,
    namespace,
    chart,
    values: { image: { tag: version }, spegel: { ...registryValues(registries), ...Object(own) }, ...rest },
    removalHooks: false,
  })
  const electorate: Electorate = {
    name: `spegel ${version}`,
    namespace,
    daemonSet: release,
    labels: { 'app.kubernetes.io/name': 'spegel' },
    container: 'registry',
    program: 'spegel',
    serviceAccount: release,
    role: release,
    lock,
    timing: spegelElection,
    startup,
    podOf: (holder, pods) =>
      pods.find(({ status }) => status?.podIP !== undefined && holder.includes(`/${status.podIP}/`)),
  }
  undo.defer(() => removeElectorate(cluster, electorate))
  undo.use(chartRelease)
  const installed = undo.move()
  return {
    ...electorate,
    version,
    electorate,
    peerPort: routerPort,
    servesAlone,
    resolve,
    endpoint: async (node) => endpoint(await hostAddress(cluster, node)),
    announce: (node) => (version === 'v0.7.4' ? walkAnew(cluster, electorate, node) : Promise.resolve(false)),
    // Its init container does.
    prepare: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => installed.disposeAsync(),
  }
}

/** In a cluster that somebody else made there may be one, which is not ours to change. @throws {MissingCapability} */
async function requireAbsent({ name, definition, api }: StartedCluster): Promise<void> {
  if (definition.provider !== 'existing') return
  try {
    await api.get(`/apis/apps/v1/namespaces/${namespace}/daemonsets/${release}`)
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return
    throw error
  }
  throw new MissingCapability(`${name} has a DaemonSet ${namespace}/${release} of its own`)
}

/** The address that a Node's pods know as status.hostIP. @throws {Error} where it has none yet */
async function hostAddress({ api }: Pick<StartedCluster, 'api'>, { name }: ClusterNode): Promise<string> {
  const { status } = await api.get<Node>(`/api/v1/nodes/${name}`)
  const found = status?.addresses?.find(({ type }) => type === 'InternalIP')
  if (found === undefined) throw new Error(`the Node ${name} has no InternalIP`)
  return found.address
}

/**
 * What its own clean-up does, which is a pod on each node that may not get well: what its init container has found goes
 * back to its place (`_backup`), and what it wrote goes. $1 is the folder, and the others are its registries there.
 */
const restore = `
cd "$1" || exit 0
shift
if [ -d _backup ]; then
  find . -mindepth 1 -maxdepth 1 ! -name _backup -exec rm -rf {} +
  find _backup -mindepth 1 -maxdepth 1 -exec mv {} . ';'
  rmdir _backup
else
  rm -rf "$@"
fi
rm -rf /var/lib/spegel
`

async function restoreConfiguration({ nodes }: StartedCluster, registries: readonly string[]): Promise<void> {
  const hosts = registries.map((url) => new URL(url).host)
  await Promise.all(
    nodes
      .filter(isKubernetesNode)
      .map((node) => node.exec(['sh', '-c', restore, 'sh', certsFolder, ...hosts], { reject: false })),
  )
}
