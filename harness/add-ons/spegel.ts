import { spegelElection } from '../budgets/election.ts'
import type { Term } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { installChart } from '../helm.ts'
import { type SpegelVersion, subjects } from '../images/subjects.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { certsFolder } from '../registry/hosts-config.ts'
import { isKubernetesNode } from '../topology.ts'
import type { ElectionLock, Electorate } from './electorate.ts'
import { removeElectorate } from './electorate-removal.ts'
import type { Mirror } from './mirror.ts'

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
 * in which it looks for a neighbour. Returns once the API has its objects. Disposing of it removes all of it, its lock and its configuration of the nodes' containerd too.
 * @throws {MissingCapability} where its image or its chart cannot be had
 */
export async function installSpegel(
  cluster: StartedCluster,
  version: SpegelVersion,
  { registries, values = {} }: SpegelOptions,
): Promise<Spegel> {
  const { image, chart } = subjects.spegel[version]
  const { lock, startup, servesAlone, resolve, endpoint, registries: registryValues } = traits[version]
  await cluster.loadImage(image)
  const { spegel: own = {}, ...rest } = values
  const installed = await installChart(cluster, {
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
  return {
    ...electorate,
    version,
    electorate,
    peerPort: routerPort,
    servesAlone,
    resolve,
    endpoint: async (node) => endpoint(await hostAddress(cluster, node)),
    // Its init container does.
    prepare: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      await installed[Symbol.asyncDispose]()
      await removeElectorate(cluster, electorate)
      await forgetConfiguration(cluster, registries)
    },
  }
}

/** The address that a Node's pods know as status.hostIP. */
async function hostAddress({ api }: Pick<StartedCluster, 'api'>, { name }: ClusterNode): Promise<string> {
  const { status } = await api.get<{ status: { addresses: { type: string; address: string }[] } }>(
    `/api/v1/nodes/${name}`,
  )
  return status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? ''
}

/** What its init container wrote on the nodes: its chart's own clean-up is a pod on each, which may not get well. */
async function forgetConfiguration({ nodes }: StartedCluster, registries: readonly string[]): Promise<void> {
  const folders = ['_backup', '_default', ...registries.map((url) => new URL(url).host)]
  const paths = folders.map((folder) => `${certsFolder}/${folder}`)
  await Promise.all(
    nodes
      .filter(isKubernetesNode)
      .map((node) => node.exec(['rm', '-rf', ...paths, '/var/lib/spegel'], { reject: false })),
  )
}
