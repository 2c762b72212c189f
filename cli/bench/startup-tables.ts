import Table from 'cli-table3'

import { type Figure, held, median, medianAndRange, ratios } from './figures.ts'
import { type MachineRole, machineRoles } from './machine-roles.ts'

/** How much one machine took when its cluster had just become Ready. */
export interface MachineMemory {
  readonly role: MachineRole
  readonly bytes: number
}

/** All starts of one cluster, one a round. */
export interface Measured {
  readonly name: string
  /** Its machines in words. */
  readonly machines: string
  /** The share of the reference's time that it must not exceed; null: it is only shown. */
  readonly goal: number | null
  readonly readyAfterMs: readonly number[]
  /** Of every machine, in every round. */
  readonly memory: readonly MachineMemory[]
}

const mebibyte = 1024 ** 2

/** What has a goal, over the reference: the median of the rounds' ratios. */
export function ratioFigures(measured: readonly Measured[], reference: Measured): Figure[] {
  return measured.flatMap((one) => {
    const figure = ratioFigure(one, reference)
    return figure === null ? [] : [figure]
  })
}

function ratioFigure({ name, goal, readyAfterMs }: Measured, reference: Measured): Figure | null {
  if (goal === null) return null
  const perRound = ratios(readyAfterMs, reference.readyAfterMs)
  return { name, goal, measured: median(perRound), unit: '', detail: medianAndRange(perRound, 2) }
}

/** The clusters beside their times, one a row. */
export function startupTable(measured: readonly Measured[], reference: Measured): string {
  const table = new Table({
    head: ['cluster', 'nodes', 'Ready after', `ratio to ${reference.name}`, 'goal', 'held'],
    style: { head: [], border: [], compact: true },
  })
  table.push(
    ...measured.map((one) => {
      const figure = ratioFigure(one, reference)
      return [
        one.name,
        one.machines,
        medianAndRange(
          one.readyAfterMs.map((ms) => ms / 1_000),
          1,
          's',
        ),
        medianAndRange(ratios(one.readyAfterMs, reference.readyAfterMs), 2),
        ...(figure === null ? ['', ''] : [`≤ ${figure.goal}`, held(figure) ? 'yes' : 'no']),
      ]
    }),
  )
  return table.toString()
}

/** What a machine takes by what it runs, a column for each cluster and one for all of them; in MiB. */
export function memoryTable(measured: readonly Measured[]): string {
  const table = new Table({
    head: ['memory per node, MiB', ...measured.map(({ name }) => name), 'all'],
    style: { head: [], border: [], compact: true },
  })
  const everywhere = measured.flatMap(({ memory }) => memory)
  const columns = [...measured.map(({ memory }) => memory), everywhere]
  for (const role of machineRoles) {
    if (everywhere.some((machine) => machine.role === role)) {
      table.push([role, ...columns.map((machines) => mebibytes(machines, role))])
    }
  }
  return table.toString()
}

function mebibytes(machines: readonly MachineMemory[], wanted: MachineRole): string {
  const sizes = machines.filter(({ role }) => role === wanted).map(({ bytes }) => bytes / mebibyte)
  return sizes.length === 0 ? '' : medianAndRange(sizes, 0)
}
