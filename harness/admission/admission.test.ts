import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { clockFrom, clockOrigin } from '../clock.ts'
import { Journal } from '../journal.ts'
import { admission } from './admission.ts'
import { admissionVariable } from './protocol.ts'
import type { HostLoad } from './room.ts'
import { AdmissionServer } from './server.ts'

const calm: HostLoad = { claimed: 0, availableBytes: 2 ** 40 }
let load: HostLoad
const meter = { look: () => undefined, forget: () => undefined, over: () => load }
let folder: string
let journal: Journal
let server: AdmissionServer

beforeEach(async () => {
  load = calm
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-admission-'))
  journal = new Journal(path.join(folder, 'journal.jsonl'), clockFrom(clockOrigin()))
  server = await AdmissionServer.listen(2, meter)
})

afterEach(async () => {
  await server[Symbol.asyncDispose]()
  journal[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

const ask = (name: string, address = server.address) =>
  admission({ name, machines: 3, yields: true, expectedMs: 0 }, journal, { [admissionVariable]: address })

const letIn = () => journal.records().map(({ subject }) => subject)

it('lets clusters start one after the other, one of them ahead, and has two of them tested', async () => {
  const first = await ask('first')
  const second = ask('second')
  const third = ask('third')
  expect(letIn()).toEqual(['first'])
  await first.started()
  await (await second).started()
  expect(letIn()).toEqual(['first', 'first', 'second', 'second'])
  expect(journal.records().at(-1)).toMatchObject({ kind: 'tested', data: { beside: 1 } })
  const ahead = (await third).started()
  await second.then((place) => place.turn())
  expect(letIn().slice(4)).toEqual(['third'])
  first[Symbol.dispose]()
  await ahead
  expect(journal.records().at(-1)).toMatchObject({ kind: 'tested', subject: 'third', data: { beside: 1 } })
})

it('has a cluster whose start is its test tested from the start', async () => {
  const [first, second] = [await ask('first'), ask('second')]
  await first.started()
  await (await second).started()
  const boot = admission({ name: 'boot', machines: 1, yields: false, expectedMs: 0 }, journal, {
    [admissionVariable]: server.address,
  })
  first[Symbol.dispose]()
  await (await boot).started()
  expect(letIn().slice(4)).toEqual(['boot', 'boot'])
})

it('gives the place of one that has gone to the next', async () => {
  const first = await ask('first')
  const second = ask('second')
  first[Symbol.dispose]()
  await second
  expect(letIn()).toEqual(['first', 'second'])
})

it('keeps one waiting while the processors are busy, and lets it in once nobody else is there', async () => {
  load = { ...calm, claimed: 0.8 }
  const first = await ask('first')
  await first.started()
  const second = ask('second')
  first[Symbol.dispose]()
  await second
  expect(journal.records().at(-1)?.data).toMatchObject({ beside: 0 })
})

it('has scenarios of two clusters begin one after the other, and waits for none of a cluster that has gone', async () => {
  const first = await ask('first')
  await first.started()
  expect(await first.turn()).toBe(0)
  const second = await ask('second')
  await second.started()
  expect(await first.turn()).toBe(1)
  expect(await first.turn()).toBe(1)
  let begun = false
  const turn = second.turn().then((beside) => {
    begun = true
    return beside
  })
  // Who asks again before there was an answer is given that one.
  const again = second.turn()
  // Answered after it: the other's wish has been heard, and is not granted.
  expect(await first.turn()).toBe(1)
  expect(begun).toBe(false)
  first[Symbol.dispose]()
  expect(await Promise.all([turn, again])).toEqual([0, 0])
})

it('lets nobody in who does not know the token, and hears no nonsense', async () => {
  const [port] = server.address.split(':')
  await ask('stranger', `${port}:0123`)
  expect(letIn()).toEqual([])
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
  socket.write('{"kind":"start"\n')
  const closed = Promise.withResolvers<void>()
  socket.resume().once('close', () => closed.resolve())
  await closed.promise
  await ask('first')
  expect(letIn()).toEqual(['first'])
})

it('goes on where a process is killed with an answer on its way to it', async () => {
  const [port] = server.address.split(':')
  const socket = connect(Number(port), '127.0.0.1')
  await new Promise<void>((resolve) => void socket.once('connect', resolve))
  socket.resetAndDestroy()
  await ask('first')
  expect(letIn()).toEqual(['first'])
})

it('has room where nobody admits', async () => {
  const place = await admission({ name: 'alone', machines: 3, yields: true, expectedMs: 0 }, journal, {})
  await place.started()
  expect(await place.turn()).toBe(0)
  place[Symbol.dispose]()
  const { address } = server
  await server[Symbol.asyncDispose]()
  await ask('late', address)
  server = await AdmissionServer.listen(2, meter)
  expect(letIn()).toEqual([])
})
