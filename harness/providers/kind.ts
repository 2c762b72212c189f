import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { StartedCluster } from '../cluster.ts'
import { writeEgressFiles } from '../egress.ts'
import { removeObjects } from '../engine-objects.ts'
import { kindBinary } from '../kind-binary.ts'
import { KubeApi } from '../kube/api.ts'
import { readKubeconfig } from '../kube/kubeconfig.ts'
import { observeApi } from '../kube/observe.ts'
import { observeEtcd } from '../kube/observe-etcd.ts'
import { observeEngine } from '../nodes/engine-events.ts'
import { ContainerNode } from '../nodes/container-node.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { NodeImages } from '../nodes/node-images.ts'
import { privateDirectory } from '../private-files.ts'
import { run } from '../process.ts'
import { runLabel } from '../run.ts'
import type { ClusterDefinition } from '../topology.ts'
import {
  awaitHealthy,
  clusterName,
  kubeadmEtcdLayout,
  machineCapabilities,
  networkCapabilities,
  nodeImageReference,
  requireClosed,
  startedCluster,
} from './assembly.ts'
import { clusterConstants } from './constants.ts'
import { checkKind, checkName } from './kind-checks.ts'
import { kindConfig, kindNodeNames, kubeletConfiguration } from './kind-config.ts'
import { writeEngineShim } from './kind-engine-shim.ts'
import { policyAddOn } from './policy-add-on.ts'
import type { Provider, ProviderContext } from './provider.ts'

/** kubeadm's own limit for the control plane, and the same again for nodes that join and for system pods. */
const createLimitMs = 8 * 60_000

/** Clusters made by the real kind. */
export const kindProvider: Provider = { check: checkKind, start }

async function start(definition: ClusterDefinition, context: ProviderContext): Promise<StartedCluster> {
  await checkKind(definition)
  const name = clusterName(definition, context.run)
  await checkName(name, kindBinary(), run)
  const build = new KindBuild(name, definition, context)
  try {
    return await build.create(await nodeImageReference(definition, context))
  } catch (error) {
    if (!context.run.keep) await build.remove()
    throw error
  }
}

class KindBuild {
  readonly #definition: ClusterDefinition
  readonly #context: ProviderContext
  readonly #name: string
  readonly #directory: string
  readonly #observers = new AbortController()
  #api: KubeApi | undefined

  constructor(name: string, definition: ClusterDefinition, context: ProviderContext) {
    this.#definition = definition
    this.#context = context
    this.#name = name
    this.#directory = path.join(context.run.workDirectory, this.#name)
  }

  async create(image: string): Promise<StartedCluster> {
    const { run: settings, journal } = this.#context
    const definition = this.#definition
    const name = this.#name
    privateDirectory(this.#directory)
    const images = new NodeImages({ name, run: settings, journal })
    const policy = await policyAddOn(definition, images)
    const startedAt = journal.append('cluster', 'creating', name, { provider: 'kind', image }).t

    const subnet = await this.#createNetwork()
    const mounts =
      definition.network.egress === 'closed' ? writeEgressFiles(path.join(this.#directory, 'egress'), subnet) : []
    const configFile = path.join(this.#directory, 'kind.yaml')
    writeFileSync(configFile, kindConfig({ definition, mounts }))
    const kubeconfig = path.join(this.#directory, 'kubeconfig')
    const boots = observeEngine(name, this.#context, this.#observers.signal)
    const created = await this.#kind([
      'create',
      'cluster',
      '--name',
      name,
      '--image',
      image,
      '--config',
      configFile,
      '--kubeconfig',
      kubeconfig,
    ])
    journal.append('cluster', 'created', name, { tookMs: created.durationMs })

    const api = new KubeApi(readKubeconfig(kubeconfig))
    this.#api = api
    void observeApi(api, journal, this.#observers.signal)
    const names = kindNodeNames(name, definition.nodes)
    const nodes = definition.nodes.map(({ roles }, index) => new ContainerNode(names[index] ?? '', roles))
    const etcd = kubeadmEtcdLayout(null)
    void observeEtcd({ name, nodes, etcd }, journal, this.#observers.signal)
    await Promise.all(nodes.map((node) => images.admit(node)))
    await policy?.apply(api, apiServerOf(name, nodes))
    await awaitHealthy({ name, api, nodes, boots, etcd, journal })
    if (definition.network.egress === 'closed') await requireClosed(nodes)
    const readyAfterMs = journal.append('cluster', 'ready', name).t - startedAt
    const constants = clusterConstants(definition, kubeletConfiguration(definition))
    const { stdout } = await run(kindBinary(), ['version', '--quiet'])
    return startedCluster({
      name,
      definition,
      context: this.#context,
      distribution: { name: 'kind', version: stdout.trim() },
      nodes,
      boots,
      api,
      kubeconfig,
      etcd,
      constants,
      network: { name, subnet },
      images,
      capabilities: new Set([...machineCapabilities(constants), 'etcd-access', ...networkCapabilities(definition)]),
      readyAfterMs,
      remove: () => this.remove(),
    })
  }

  async #createNetwork(): Promise<string> {
    const label = `${runLabel}=${this.#context.run.id}`
    await run('docker', ['network', 'create', '--label', label, this.#name])
    const format = '{{(index .IPAM.Config 0).Subnet}}'
    return (await run('docker', ['network', 'inspect', '--format', format, this.#name])).stdout.trim()
  }

  async #kind(args: readonly string[]) {
    const docker = (await run('sh', ['-c', 'command -v docker'])).stdout.trim()
    const shim = writeEngineShim(path.join(this.#directory, 'bin'), this.#context.run.id, docker)
    return run(kindBinary(), args, {
      timeoutMs: createLimitMs,
      env: {
        PATH: `${shim}${path.delimiter}${process.env['PATH'] ?? ''}`,
        KIND_EXPERIMENTAL_PROVIDER: 'docker',
        KIND_EXPERIMENTAL_DOCKER_NETWORK: this.#name,
      },
    })
  }

  async remove(): Promise<void> {
    this.#context.journal.append('cluster', 'removing', this.#name)
    this.#observers.abort()
    this.#api?.[Symbol.dispose]()
    await run(
      kindBinary(),
      ['delete', 'cluster', '--name', this.#name, '--kubeconfig', path.join(this.#directory, 'kubeconfig')],
      {
        timeoutMs: 120_000,
        reject: false,
        env: { KIND_EXPERIMENTAL_PROVIDER: 'docker' },
      },
    )
    await removeObjects({ containers: [], networks: [this.#name], volumes: [] })
    rmSync(this.#directory, { recursive: true, force: true })
    this.#context.journal.append('cluster', 'removed', this.#name)
  }
}

/** Where kind's machines reach the API: the control plane, or the load balancer that kind puts before several. */
function apiServerOf(cluster: string, nodes: readonly ClusterNode[]): { host: string; port: number } {
  const controlPlanes = nodes.filter(({ roles }) => roles.includes('control-plane'))
  const [only] = controlPlanes
  const host = controlPlanes.length === 1 && only !== undefined ? only.name : `${cluster}-external-load-balancer`
  return { host, port: 6443 }
}
