import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { currentRun, newRun, runEnvironment, runIdIn, runsWithFiles, workDirectoryOf } from './run.ts'

describe('newRun', () => {
  it('has an id of its own, which a label and a file name can hold', () => {
    const ids = Array.from({ length: 200 }, () => newRun().id)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]{8}$/)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('runs every scenario of the suites’ own clusters once, and leaves nothing behind, unless it is told otherwise', () => {
    expect(newRun()).toMatchObject({ keep: false, debug: false, cluster: null, scenario: null, repeat: 1 })
  })

  it('keeps its working files in the user’s cache, and not where others look for its results', () => {
    vi.stubEnv('CLUSTERPROOF_CACHE', '/cache')
    onTestFinished(() => void vi.unstubAllEnvs())
    const run = newRun({ out: '/o' })
    expect(run.workDirectory).toBe(`/cache/work/${run.id}`)
    expect(newRun().out).toBe(path.resolve('reports/out'))
  })

  it('is offline where the environment says so, unless it is told otherwise', () => {
    vi.stubEnv('CLUSTERPROOF_OFFLINE', '1')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(newRun().offline).toBe(true)
    expect(newRun({ offline: false }).offline).toBe(false)
  })

  it('begins with its clock at nothing', () => {
    expect(newRun().clock.now()).toBeGreaterThanOrEqual(0)
    expect(newRun().clock.now()).toBeLessThan(10_000)
  })
})

describe('runEnvironment', () => {
  it('makes the same run in another process, with the same clock', () => {
    const settings = {
      out: '/somewhere/else',
      keep: true,
      offline: true,
      debug: true,
      cluster: 'mine.yaml',
      scenario: 'recovery.*',
      repeat: 3,
      reboots: 7,
    }
    const run = newRun(settings)
    const { clock, ...there } = currentRun(runEnvironment(run))
    const { clock: mine, ...here } = run
    expect(there).toEqual(here)
    expect(there).toMatchObject(settings)
    expect(clock.now()).toBeGreaterThanOrEqual(run.clock.now() - 1_000)
    expect(clock.wall(5)).toEqual(mine.wall(5))
  })

  it('holds no more than it must', () => {
    const [text = ''] = Object.values(runEnvironment(newRun()))
    expect(text).not.toContain('workDirectory')
  })
})

describe('currentRun', () => {
  it('is a new run where the environment names none', () => {
    expect(currentRun({}).id).not.toBe(currentRun({}).id)
  })

  it.each([
    ['{', /JSON/],
    ['{}', /expected string/],
    [JSON.stringify({ ...newRun(), repeat: 0 }), /repeat/],
    [JSON.stringify({ ...newRun(), id: '../../etc' }), /must match pattern/],
  ])('is no run that is written as %s', (text, message) => {
    expect(() => currentRun({ CLUSTERPROOF_RUN: text })).toThrow(message)
  })
})

describe('runIdIn', () => {
  it('finds the run that an environment is of', () => {
    const run = newRun()
    expect(runIdIn(runEnvironment(run))).toBe(run.id)
  })

  it.each([{}, { CLUSTERPROOF_RUN: '{' }, { CLUSTERPROOF_RUN: 'null' }, { CLUSTERPROOF_RUN: '{"id":"../.."}' }])(
    'finds none in %j',
    (environment) => {
      expect(runIdIn(environment)).toBeNull()
    },
  )
})

it('knows the runs that have working files, by directories that can be no others', () => {
  const cache = mkdtempSync(path.join(tmpdir(), 'clusterproof-run-files-'))
  onTestFinished(() => rmSync(cache, { recursive: true }))
  expect(runsWithFiles(cache)).toEqual([])
  for (const name of ['b2345678', 'a1234567', 'notes', 'A1234567'])
    mkdirSync(workDirectoryOf(name, cache), { recursive: true })
  expect(runsWithFiles(cache)).toEqual(['a1234567', 'b2345678'])
})
