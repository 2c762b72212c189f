import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { claimOutput, forgetRun, isAlive, recordRun, runRecords, temporaryFolder } from './run-record.ts'

const run = { id: 'abcd1234', workDirectory: '/out/work/abcd1234' }
let directory: string
let folders: readonly string[]

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'run-record-'))
  folders = [directory, path.join(directory, 'cache', 'runs')]
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

describe('a run record', () => {
  it('says that this process lives until it is forgotten', async () => {
    const record = await recordRun(run, '/out', folders)
    expect(runRecords(folders)).toEqual([record])
    expect(await isAlive(record)).toBe(true)
    forgetRun(run.id, folders)
    expect(runRecords(folders)).toEqual([])
  })

  it('is dead where another process has taken the id of its own', async () => {
    const record = await recordRun(run, '/out', folders)
    expect(await isAlive({ ...record, processStartedAt: 'another time' })).toBe(false)
  })

  it('is dead where no process has its id', async () => {
    const record = await recordRun(run, '/out', folders)
    expect(await isAlive({ ...record, pid: 2 ** 22 + 1 })).toBe(false)
  })

  it('is alive where the process is somebody else’s', async () => {
    const record = await recordRun(run, '/out', folders)
    expect(await isAlive({ ...record, pid: 1, processStartedAt: null })).toBe(true)
  })

  it('takes with it what the programs of the run have left, when it is forgotten', async () => {
    await recordRun(run, null, folders)
    mkdirSync(path.join(temporaryFolder(run.id, directory), 'go-build'), { recursive: true })
    forgetRun(run.id, folders)
    expect(folders.map((folder) => readdirSync(folder))).toEqual([['cache'], []])
  })

  it('is known to who has another folder of temporary files, or another cache', async () => {
    const record = await recordRun(run, null, folders)
    for (const folder of folders) expect(runRecords([folder, path.join(directory, 'none')])).toEqual([record])
  })

  it('is not made of a file that holds something else', () => {
    writeFileSync(path.join(directory, 'clusterproof-run-half.json'), '{"id":')
    writeFileSync(path.join(directory, 'clusterproof-run-other.json'), '[]')
    expect(runRecords(folders)).toEqual([])
  })
})

describe('claimOutput', () => {
  it('refuses a directory that another living run writes, and leaves no record of the refused', async () => {
    await claimOutput({ ...run, out: '/out' }, folders)
    await claimOutput({ ...run, id: 'other000', out: '/elsewhere' }, folders)
    const second = claimOutput({ ...run, id: 'second00', out: '/out' }, folders)
    await expect(second).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('run abcd1234') })
    expect(runRecords(folders).map(({ id }) => id)).toEqual(['abcd1234', 'other000'])
  })

  it('does not mind what a dead run has left', async () => {
    const record = await recordRun(run, '/out', folders)
    for (const folder of folders) {
      const file = path.join(folder, 'clusterproof-run-abcd1234.json')
      writeFileSync(file, JSON.stringify({ ...record, pid: 2 ** 22 + 1 }))
    }
    await expect(claimOutput({ ...run, id: 'second00', out: '/out' }, folders)).resolves.not.toThrow()
  })
})
