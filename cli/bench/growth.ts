import { mkdirSync, writeFileSync } from 'node:fs'
import { freemem } from 'node:os'
import path from 'node:path'

import { messageOf } from '../../harness/error-message.ts'
import type { Run } from '../../harness/run.ts'
import { growthPicture } from '../../reports/pictures/growth.ts'
import { Arena } from './arena.ts'
import { onCluster } from './clusters.ts'
import { flood, type FloodCost } from './flood.ts'
import { bytesOfNodes, clusterOf, costOf, type SizeCost } from './growing-nodes.ts'
import { bytesOfPods, costOfPods, preparePods } from './growing-pods.ts'
import { growthColumns, growthTables } from './growth-tables.ts'
import type { Report } from './report.ts'

const nodeSizes = [1, 3, 6, 12]
const podSizes = [10, 50, 100, 250, 500]
const eventRates = [10, 100, 500, 1_000, 2_000, 5_000]
const floodSeconds = 5

/** The cluster that pods are put on: five workers take 110 each. */
const nodesForPods = 6

/** What the host keeps, whatever is measured. */
const spareBytes = 2 * 1024 ** 3

/** Everything that was measured of growth. */
export interface Growth {
  readonly nodes: readonly SizeCost[]
  readonly pods: readonly SizeCost[]
  readonly events: readonly FloodCost[]
  /** What was not measured, or failed, and why. */
  readonly missing: readonly string[]
}

/** Measures what more events, nodes and pods cost, writes it into the output directory, and draws it. */
export async function measureGrowth(run: Run): Promise<Report> {
  const missing: string[] = []
  const events = await measureEvents(run)
  const { nodes, pods, failed } = await measureClusters(run, missing)
  const growth: Growth = { nodes, pods, events, missing }
  const files = await write(run, growth)
  const lost = [...nodes, ...pods, ...events].reduce((sum, cost) => sum + cost.lost, 0)
  return {
    figures: [
      { name: 'events that were lost', goal: 0, measured: lost, unit: '', detail: '' },
      { name: 'clusters that failed', goal: 0, measured: failed, unit: '', detail: '' },
    ],
    text: [growthTables(growth), files.join('\n')].join('\n\n'),
  }
}

/** First: what clusters have left in this process' memory is no cost of events. */
async function measureEvents(run: Run): Promise<FloodCost[]> {
  const arena = new Arena(run)
  const costs: FloodCost[] = []
  for (const rate of eventRates) {
    using journal = arena.journal(`growth-events-${rate}`)
    const cost = await flood(run, journal, rate, floodSeconds)
    console.log(`${rate} events a second: ${Math.round(cost.came)} came, p99 ${cost.p99Ms.toFixed(1)} ms`)
    costs.push(cost)
  }
  return costs
}

async function measureClusters(
  run: Run,
  missing: string[],
): Promise<Pick<Growth, 'nodes' | 'pods'> & { readonly failed: number }> {
  const nodes: SizeCost[] = []
  const pods: SizeCost[] = []
  let failed = 0
  for (const size of nodeSizes) {
    const short = shortage(bytesOfNodes(size))
    if (short !== null) {
      missing.push(`${size} nodes: ${short}`)
      continue
    }
    try {
      await onCluster(run, `growth-nodes-${size}`, clusterOf(size), async (cluster) => {
        nodes.push(await costOf(cluster, size, cluster.readyAfterMs))
        console.log(`${size} nodes: Ready after ${(cluster.readyAfterMs / 1_000).toFixed(1)} s`)
        if (size !== nodesForPods) return
        await preparePods(cluster)
        for (const count of podSizes) {
          const shortOfPods = shortage(bytesOfPods(count - (pods.at(-1)?.size ?? 0)))
          if (shortOfPods !== null) {
            missing.push(`${count} pods: ${shortOfPods}`)
            break
          }
          const cost = await costOfPods(cluster, count)
          pods.push(cost)
          console.log(`${count} pods: Ready after ${(cost.readyAfterMs / 1_000).toFixed(1)} s`)
        }
      })
    } catch (error) {
      missing.push(`${size} nodes: ${messageOf(error)}`)
      failed += 1
    }
  }
  return { nodes, pods, failed }
}

/** Why there is no room for that much more; null: there is. */
export function shortage(bytes: number, free = freemem()): string | null {
  if (free >= bytes + spareBytes) return null
  const needed = `${gibibytes(bytes)} GiB and ${gibibytes(spareBytes)} GiB to spare are needed`
  return `not measured: ${gibibytes(free)} GiB are free, and ${needed}`
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1)
}

/** Returns what was written, in words. */
async function write(run: Run, growth: Growth): Promise<string[]> {
  const file = path.join(run.out, 'growth.json')
  writeFileSync(file, `${JSON.stringify(growth, null, 2)}\n`)
  const svg = await growthPicture(growthColumns(growth), 'What work costs as it grows')
  if (svg === null) return [`figures  ${file}`]
  const folder = path.join(run.out, 'pictures')
  mkdirSync(folder, { recursive: true })
  const picture = path.join(folder, 'growth.svg')
  writeFileSync(picture, svg)
  return [`figures  ${file}`, `picture  ${picture}`]
}
