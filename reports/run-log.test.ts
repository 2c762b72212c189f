import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { RunLog, runLogPath } from './run-log.ts'

let out: string

beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'run-log-'))
})
afterEach(() => {
  rmSync(out, { recursive: true })
})

const at = new Date('2026-01-01T12:00:00.000Z')

function lines(): string[] {
  return readFileSync(runLogPath(out), 'utf8')
    .replaceAll(/^\S+Z {2}/gm, '')
    .split('\n')
}

it('begins anew, and nobody else reads it', () => {
  writeFileSync(runLogPath(out), 'of an earlier run\n', { mode: 0o644 })
  using log = new RunLog(runLogPath(out))
  log.say('run', 'begins')
  expect(lines()).toEqual(['run  begins', ''])
  expect(statSync(runLogPath(out)).mode & 0o777).toBe(0o600)
})

it('gives each line its time and says whose it is', () => {
  using log = new RunLog(runLogPath(out))
  log.write('out', 'one\ntwo\n', at)
  expect(readFileSync(runLogPath(out), 'utf8')).toBe(
    '2026-01-01T12:00:00.000Z  out  one\n2026-01-01T12:00:00.000Z  out  two\n',
  )
})

it('has what was written before the line has its end, and keeps apart who wrote it', () => {
  using log = new RunLog(runLogPath(out))
  log.write('out', 'half ')
  expect(lines()).toEqual(['out  half '])
  log.write('out', 'a line\nand ')
  log.write('err', 'broken\n')
  log.write('out', 'more\n')
  expect(lines()).toEqual(['out  half a line', 'out  and ', 'err  broken', 'out  more', ''])
})

it('leaves colours out', () => {
  using log = new RunLog(runLogPath(out))
  log.say('err', '\u001B[31mfailed\u001B[39m\r')
  expect(lines()).toEqual(['err  failed', ''])
})
