import Table from 'cli-table3'

import type { Comparison } from './contenders.ts'
import { type Figure, held, median, medianAndRange, ratios } from './figures.ts'
import { type MachineRole, machineRoles } from './machine-roles.ts'

/** How much one machine took when its cluster had just become Ready. */
export interface MachineMemory {
  readonly role: MachineRole
  readonly bytes: number
}

/** All starts of one contender. */
export interface Measured {
  readonly name: string
  /** Its machines in words. */
  readonly machines: string
  readonly comparisons: readonly Comparison[]
  /** One a round; null: it failed, or could not be tried. */
  readonly readyAfterMs: readonly (number | null)[]
  readonly healthyAfterMs: readonly (number | null)[]
  /** Of every machine, in every round. */
  readonly memory: readonly MachineMemory[]
}

const mebibyte = 1024 ** 2

/** A contender over another, in each round that has both. */
interface Compared {
  readonly name: string
  readonly with: string
  readonly goal: number | null
  readonly ratios: readonly number[]
}

/** Every comparison of which there is a round. */
export function compare(measured: readonly Measured[]): Compared[] {
  return measured.flatMap(({ name, comparisons, readyAfterMs }) =>
    comparisons.flatMap(({ with: other, goal }) => {
      const reference = measured.find((one) => one.name === other)
      const rounds = readyAfterMs.flatMap((value, round) => {
        const base = reference?.readyAfterMs[round] ?? null
        return value === null || base === null ? [] : [{ value, base }]
      })
      if (rounds.length === 0) return []
      const perRound = ratios(
        rounds.map(({ value }) => value),
        rounds.map(({ base }) => base),
      )
      return [{ name, with: other, goal, ratios: perRound }]
    }),
  )
}

/** What has a goal: the median of the rounds' ratios. */
export function ratioFigures(measured: readonly Measured[]): Figure[] {
  return compare(measured).flatMap((compared) => figureOf(compared) ?? [])
}

function figureOf({ name, with: other, goal, ratios: perRound }: Compared): Figure | null {
  if (goal === null) return null
  return { name: `${name} / ${other}`, goal, measured: median(perRound), unit: '', detail: medianAndRange(perRound, 2) }
}

/** The contenders beside their times, one a row. */
export function startupTable(measured: readonly Measured[]): string {
  const table = new Table({
    head: ['cluster', 'nodes', 'starts', 'nodes Ready, CoreDNS answers', 'all of kube-system Ready'],
    style: { head: [], border: [], compact: true },
  })
  table.push(
    ...measured.map(({ name, machines, readyAfterMs, healthyAfterMs }) => {
      const starts = readyAfterMs.filter((ms) => ms !== null).length
      return [name, machines, String(starts), seconds(readyAfterMs), seconds(healthyAfterMs)]
    }),
  )
  return table.toString()
}

function seconds(all: readonly (number | null)[]): string {
  const known = all.flatMap((ms) => (ms === null ? [] : [ms / 1_000]))
  return known.length === 0 ? '' : medianAndRange(known, 1, 's')
}

/** The comparisons beside their goals, one a row. */
export function ratioTable(measured: readonly Measured[]): string {
  const table = new Table({
    head: ['cluster', 'over', 'rounds', 'ratio', 'goal', 'held'],
    style: { head: [], border: [], compact: true },
  })
  for (const compared of compare(measured)) {
    const figure = figureOf(compared)
    const goal = figure === null ? ['', ''] : [`≤ ${figure.goal}`, held(figure) ? 'yes' : 'no']
    const { name, with: other, ratios: perRound } = compared
    table.push([name, other, String(perRound.length), medianAndRange(perRound, 2), ...goal])
  }
  return table.toString()
}

/** What a machine takes by what it runs, a column for each cluster and one for all of them; in MiB. */
export function memoryTable(all: readonly Measured[]): string {
  const measured = all.filter(({ memory }) => memory.length > 0)
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
