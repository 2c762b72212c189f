import { setInterval as every } from 'node:timers/promises'

import { budget } from '../../harness/budgets/budget.ts'
import type { StartedCluster } from '../../harness/cluster.ts'
import { eventually, ExpectationFailed } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import { ailments } from '../../harness/probes/health.ts'
import type { Figure } from './figures.ts'

const waiting = budget({ name: 'waiting', ms: 20_000, source: 'benchmark' })
const sampleMs = 500
const mebibyte = 1024 ** 2

/** What this process takes while it waits for a condition that never holds, all watches of the cluster open. */
export async function footprint(cluster: StartedCluster): Promise<Figure[]> {
  const settled = new AbortController()
  const largest = largestResident(settled.signal)
  const before = { cpu: process.cpuUsage(), at: performance.now() }
  let probes = 0
  try {
    await eventually(waitContext(cluster), 'a condition that never holds', {
      probe: () => ailments(cluster),
      until: () => {
        probes += 1
        return false
      },
      within: waiting,
    })
  } catch (error) {
    if (!(error instanceof ExpectationFailed)) throw error
  }
  const elapsedMs = performance.now() - before.at
  const { user, system } = process.cpuUsage(before.cpu)
  settled.abort()
  return [
    {
      name: 'harness, resident while it waits',
      goal: 200,
      measured: (await largest) / mebibyte,
      unit: 'MiB',
      detail: `largest of ${Math.round(elapsedMs / sampleMs)} looks`,
    },
    {
      name: 'harness, processor while it waits',
      goal: 10,
      measured: ((user + system) / 1_000 / elapsedMs) * 100,
      unit: '% of a core',
      detail: `over ${(elapsedMs / 1_000).toFixed(0)} s, ${probes} probes`,
    },
  ]
}

async function largestResident(signal: AbortSignal): Promise<number> {
  let largest = process.memoryUsage.rss()
  try {
    for await (const _ of every(sampleMs, undefined, { signal })) largest = Math.max(largest, process.memoryUsage.rss())
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return largest
}
