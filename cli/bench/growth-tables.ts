import Table from 'cli-table3'

import type { GrowthColumn, GrowthPanel } from '../../reports/pictures/growth.ts'
import type { FloodCost } from './flood.ts'
import type { SizeCost } from './growing-nodes.ts'
import type { Growth } from './growth.ts'

const mebibyte = 1024 ** 2
const gibibyte = 1024 ** 3

/** What was measured, a table for each thing that grows, and what was not. */
export function growthTables({ nodes, pods, events, missing }: Growth): string {
  const tables = [
    ...(nodes.length === 0 ? [] : [sizeTable('nodes', nodes)]),
    ...(pods.length === 0 ? [] : [sizeTable('pods', pods)]),
    ...(events.length === 0 ? [] : [eventTable(events)]),
  ]
  return [...tables, ...(missing.length === 0 ? [] : [missing.join('\n')])].join('\n\n')
}

function sizeTable(grown: string, costs: readonly SizeCost[]): string {
  const table = new Table({
    head: [grown, 'Ready after', 'memory of all machines', 'memory of the harness', 'API write to journal p50', 'p99'],
    style: { head: [], border: [], compact: true },
  })
  table.push(
    ...costs.map((cost) => [
      String(cost.size),
      `${(cost.readyAfterMs / 1_000).toFixed(1)} s`,
      `${(cost.machinesBytes / gibibyte).toFixed(2)} GiB`,
      `${Math.round(cost.residentBytes / mebibyte)} MiB`,
      milliseconds(cost.p50Ms),
      milliseconds(cost.p99Ms),
    ]),
  )
  return table.toString()
}

function eventTable(costs: readonly FloodCost[]): string {
  const table = new Table({
    head: [
      'events a second',
      'came',
      'processor',
      'memory of the harness',
      'event to journal p50',
      'p99',
      'timers p99',
    ],
    style: { head: [], border: [], compact: true },
  })
  table.push(
    ...costs.map((cost) => [
      String(cost.asked),
      cost.came.toFixed(0),
      `${(cost.processorShare * 100).toFixed(0)} % of a core`,
      `${Math.round(cost.residentBytes / mebibyte)} MiB`,
      milliseconds(cost.p50Ms),
      milliseconds(cost.p99Ms),
      milliseconds(cost.timersP99Ms),
    ]),
  )
  return table.toString()
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`
}

/** The same, to be drawn. */
export function growthColumns({ nodes, pods, events }: Growth): GrowthColumn[] {
  const sizes = (grown: string, costs: readonly SizeCost[]): GrowthColumn => ({
    title: grown,
    panels: [
      line(`${grown} Ready after, s`, costs, (cost) => cost.readyAfterMs / 1_000),
      line('memory of all machines, GiB', costs, (cost) => cost.machinesBytes / gibibyte),
      line('memory of the harness, MiB', costs, (cost) => cost.residentBytes / mebibyte),
      percentiles(
        'API write to journal, ms',
        costs.map((cost) => ({ ...cost, x: cost.size })),
      ),
    ],
  })
  const rates = events.map((cost) => ({ ...cost, size: cost.asked, x: cost.asked }))
  return [
    sizes('nodes', nodes),
    sizes('pods', pods),
    {
      title: 'events a second',
      panels: [
        line('processor, % of a core', rates, (cost) => cost.processorShare * 100),
        line('memory of the harness, MiB', rates, (cost) => cost.residentBytes / mebibyte),
        percentiles('event to journal, ms', rates),
      ],
    },
  ]
}

function line<T extends { readonly size: number }>(
  title: string,
  costs: readonly T[],
  cost: (one: T) => number,
): GrowthPanel {
  return { title, points: costs.map((one) => ({ x: one.size, y: cost(one), series: title })) }
}

function percentiles(
  title: string,
  costs: readonly { readonly x: number; readonly p50Ms: number; readonly p99Ms: number }[],
): GrowthPanel {
  return {
    title,
    points: costs.flatMap(({ x, p50Ms, p99Ms }) => [
      { x, y: p50Ms, series: 'p50' },
      { x, y: p99Ms, series: 'p99' },
    ]),
  }
}
