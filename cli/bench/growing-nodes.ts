import type { StartedCluster } from '../../harness/cluster.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { type ClusterDefinition, defineCluster } from '../../harness/topology.ts'
import { percentile } from './figures.ts'
import { latencies } from './journal-latency.ts'

/** What a cluster of some size costs while nothing happens on it. */
export interface SizeCost {
  /** Nodes, or pods. */
  readonly size: number
  /** Until all of them were Ready, in milliseconds. */
  readonly readyAfterMs: number
  /** Of all its machines. */
  readonly machinesBytes: number
  /** Of the harness, this process. */
  readonly residentBytes: number
  /** From the moment that a write was sent to the API until its line stood in the journal. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly lost: number
}

/** One control plane and workers, made by kubeadm. Many machines that boot at a time take as long as the disk does. */
export function clusterOf(nodes: number): ClusterDefinition {
  const workers = Array.from({ length: nodes - 1 }, (_, index) => ({
    name: `worker-${index + 1}`,
    roles: ['worker' as const],
  }))
  return defineCluster({
    name: `growth-${nodes}`,
    provider: 'kubeadm',
    nodes: [{ name: 'cp', roles: ['control-plane'] }, ...workers],
    objectives: { nodeBoot: '300s' },
  })
}

/** Measured on the development machine, rounded up, with something to spare for what joins. */
const controlPlaneBytes = 700 * 1024 ** 2
const workerBytes = 150 * 1024 ** 2

/** What a cluster of so many nodes takes at most, in bytes. */
export function bytesOfNodes(nodes: number): number {
  return controlPlaneBytes + (nodes - 1) * workerBytes
}

/** Looks at a cluster that is Ready. */
export async function costOf(cluster: StartedCluster, size: number, readyAfterMs: number): Promise<SizeCost> {
  const sizes = await Promise.all(cluster.nodes.map((node) => workingSetBytes(node)))
  const { ms, lost } = await latencies(cluster)
  return {
    size,
    readyAfterMs,
    machinesBytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    residentBytes: process.memoryUsage.rss(),
    p50Ms: percentile(ms, 0.5),
    p99Ms: percentile(ms, 0.99),
    lost,
  }
}
