import { readFileSync } from 'node:fs'
import path from 'node:path'

import { z } from 'zod'

import { removeObjects } from '../../harness/engine-objects.ts'
import { HostMonitor } from '../../harness/host-monitor.ts'
import type { Journal } from '../../harness/journal.ts'
import { privateDirectory, writePrivate } from '../../harness/private-files.ts'
import { startCluster } from '../../harness/providers/start.ts'
import { run as execute } from '../../harness/process.ts'
import { type Run, runLabel } from '../../harness/run.ts'
import { type ClusterDefinition, type Role } from '../../harness/topology.ts'
import { ownImageMark } from './left-images.ts'

/** A machine as it was when it was stopped. */
export interface SavedMachine {
  readonly name: string
  readonly roles: readonly Role[]
  readonly address: string
  /** What was committed of it: all but its volume. */
  readonly image: string
  /** A copy of its volume, /var. */
  readonly volume: string
  /** The port of the host's loopback that leads to its API server; null: none does. */
  readonly apiPort: number | null
}

/** A cluster that was stopped and copied: it can come back as often as one likes, once at a time. */
export interface Snapshot extends AsyncDisposable {
  readonly cluster: string
  readonly subnet: string
  readonly nodeImage: string
  /** Path of the cluster's kubeconfig. */
  readonly kubeconfig: string
  readonly machines: readonly SavedMachine[]
  /** From the moment that the cluster was Ready until it was stopped and copied, in milliseconds. */
  readonly takenInMs: number
}

const inspected = z.tuple([
  z.object({
    Config: z.object({ Image: z.string() }),
    HostConfig: z.object({
      PortBindings: z.record(z.string(), z.array(z.object({ HostPort: z.string() }))).nullable(),
    }),
    Mounts: z.array(z.object({ Name: z.string().optional(), Destination: z.string() })),
    NetworkSettings: z.object({
      Networks: z.record(z.string(), z.object({ IPAMConfig: z.object({ IPv4Address: z.string() }) })),
    }),
  }),
])

/** What the engine knows of a machine that a snapshot needs. @throws {Error} where it is no machine of kubeadm's */
export function machineFacts(text: string, network: string) {
  const [{ Config, HostConfig, Mounts, NetworkSettings }] = inspected.parse(JSON.parse(text))
  const volume = Mounts.find(({ Destination }) => Destination === '/var')?.Name
  const address = NetworkSettings.Networks[network]?.IPAMConfig.IPv4Address
  if (volume === undefined || address === undefined) throw new Error(`no volume or address for life on ${network}`)
  const port = HostConfig.PortBindings?.['6443/tcp']?.[0]?.HostPort
  return { image: Config.Image, volume, address, apiPort: port === undefined ? null : Number(port) }
}

/** Starts a cluster of this definition, stops it, keeps a copy of everything that it is, and removes it. */
export async function takeSnapshot(run: Run, journal: Journal, definition: ClusterDefinition): Promise<Snapshot> {
  using host = new HostMonitor(run.clock)
  await using cluster = await startCluster(definition, { run, journal, host })
  const { name, network, nodes } = cluster
  if (network === null) throw new Error(`${name} has no network of its own`)
  const began = journal.now()
  const kubeconfig = path.join(run.workDirectory, `${name}.snapshot.kubeconfig`)
  privateDirectory(run.workDirectory)
  writePrivate(kubeconfig, readFileSync(cluster.kubeconfig, 'utf8'))
  await Promise.all(nodes.map((node) => node.stop()))
  const saved = await Promise.all(
    nodes.map(async (node) => {
      const facts = machineFacts((await execute('docker', ['inspect', node.name])).stdout, network.name)
      const image = `clusterproof/snapshot:${node.name}`
      await execute('docker', ['commit', ...ownImageMark(run), node.name, image], { timeoutMs: copyLimitMs })
      const volume = `${node.name}-saved`
      await copyVolume(run, { from: facts.volume, to: volume, image: facts.image })
      return { nodeImage: facts.image, machine: { ...facts, name: node.name, roles: node.roles, image, volume } }
    }),
  )
  const machines = saved.map(({ machine }) => machine)
  return {
    cluster: name,
    subnet: network.subnet,
    nodeImage: saved[0]?.nodeImage ?? '',
    kubeconfig,
    machines,
    takenInMs: journal.append('cluster', 'saved', name).t - began,
    [Symbol.asyncDispose]: async () => {
      await removeObjects({ containers: [], networks: [], volumes: machines.map(({ volume }) => volume) })
      await execute('docker', ['rmi', '--force', ...machines.map(({ image }) => image)], { reject: false })
    },
  }
}

/** Gigabytes, on a disk that others use too. */
const copyLimitMs = 5 * 60_000

/** Makes a volume with what is in another one: devices and extended attributes too, which containerd's layers have. */
export async function copyVolume(
  { id }: Pick<Run, 'id'>,
  { from, to, image }: { readonly from: string; readonly to: string; readonly image: string },
): Promise<void> {
  const label = `${runLabel}=${id}`
  await execute('docker', ['volume', 'create', '--label', label, to])
  const mounts = ['--volume', `${from}:/from:ro`, '--volume', `${to}:/to`]
  const container = ['--rm', '--privileged', '--network=none', '--label', label, ...mounts, '--entrypoint=cp', image]
  await execute('docker', ['run', ...container, '--archive', '/from/.', '/to/'], { timeoutMs: copyLimitMs })
}
