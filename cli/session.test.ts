import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { newRun, runIdIn } from '../harness/run.ts'
import { forgetRun, runRecords } from '../reports/run-record.ts'
import { session } from './session.ts'

// A run that keeps its clusters asks no engine at its end.
let run: ReturnType<typeof newRun>

beforeEach(() => {
  run = newRun({ out: mkdtempSync(path.join(tmpdir(), 'session-')), keep: true })
  vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => {
  forgetRun(run.id)
  rmSync(run.out, { recursive: true })
  vi.restoreAllMocks()
})

const once = { writesVerdicts: true }

describe('session', () => {
  it('has a record while it works, and gives what came of it', async () => {
    const end = await session(run, once, () => Promise.resolve(runRecords().find(({ id }) => id === run.id)))
    expect(end).toMatchObject({ value: { pid: process.pid, writes: run.out }, interruption: null })
  })

  it('lets one run alone write into an output directory', async () => {
    const second = newRun({ out: run.out, keep: true })
    const inner = session(run, once, () => session(second, once, () => Promise.resolve('both')))
    await expect(inner).rejects.toMatchObject({ exitCode: 2 })
  })

  it('passes on the error of its work, and listens to signals no longer', async () => {
    const before = process.listenerCount('SIGTERM')
    await expect(session(run, once, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(process.listenerCount('SIGTERM')).toBe(before)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends its work on %s, once for a signal that npm repeats', async (signal, exitCode) => {
    const end = await session(run, once, (interrupted) => {
      const work = new Promise<string>((resolve) => interrupted.addEventListener('abort', () => resolve('so far')))
      process.emit(signal, signal)
      process.emit(signal, signal)
      return work
    })
    expect(end).toEqual({ value: 'so far', interruption: { signal, exitCode } })
  })

  it('has what it starts say which run it is of, and no longer than it lasts', async () => {
    const outside = runIdIn(process.env)
    const { value } = await session(run, once, () => Promise.resolve(runIdIn(process.env)))
    expect(value).toBe(run.id)
    expect(runIdIn(process.env)).toBe(outside)
  })

  it('takes an error of work that was interrupted for its end', async () => {
    const end = await session(run, once, () => {
      process.emit('SIGINT', 'SIGINT')
      return Promise.reject(new Error('the cluster is gone'))
    })
    expect(end).toEqual({ value: null, interruption: { signal: 'SIGINT', exitCode: 130 } })
  })
})
