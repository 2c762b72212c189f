import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { Journal } from '../journal.ts'
import { Turn } from './turn.ts'

let folder: string
let journal: Journal
/** How far the clock goes with each look at it, in milliseconds. */
let stepMs: number

beforeEach(() => {
  stepMs = 1
  let nowMs = 0
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-turn-'))
  const clock = { now: () => (nowMs += stepMs), wall: (at: number) => new Date(at) }
  journal = new Journal(path.join(folder, 'journal.jsonl'), clock)
})

afterEach(() => {
  journal[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

/** A turn beside so many others, which claim these shares one after the other, and the last of them from then on. */
function turn(others: number, ...shares: (number | null)[]): Turn {
  const claimed = () => (shares.length > 1 ? shares.shift() : shares[0]) ?? null
  return new Turn({ turn: () => Promise.resolve(others) }, claimed)
}

const observed = () => journal.records().flatMap(({ kind, data }) => (kind === 'observed' ? [data] : []))

it('lets a scenario begin whose cluster is alone, however busy the host is', async () => {
  const alone = turn(0, 1)
  await alone.take(journal)
  expect(observed()).toEqual([])
})

it('waits until the others leave room', async () => {
  const beside = turn(1, 0.8, 0.8, 0.3)
  await beside.take(journal)
  expect(observed()).toEqual(['they claim about 80 % of the processors', 'they claim about 30 % of the processors'])
})

it('looks again once it has waited for its turn', async () => {
  const beside = turn(1, 0.2, 0.9, 0.2)
  await beside.take(journal)
  expect(observed()).toEqual(['they claim about 90 % of the processors', 'they claim about 20 % of the processors'])
})

it('goes ahead where nobody knows what others claim', async () => {
  const beside = turn(1, null)
  await beside.take(journal)
  expect(observed()).toEqual(['they claim about 0 % of the processors'])
})

it('waits no longer than its patience', async () => {
  stepMs = 50_000
  const beside = turn(1, 0.8)
  await beside.take(journal)
  expect(journal.records().at(-1)).toMatchObject({ kind: 'missed', data: { withinMs: 120_000, tookMs: null } })
})
