import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { hostProcesses, lineage } from './host-processes.ts'

let proc: string

beforeEach(() => {
  proc = mkdtempSync(path.join(tmpdir(), 'clusterproof-proc-'))
})
afterEach(() => {
  rmSync(proc, { recursive: true })
})

/** The first 22 fields of proc_pid_stat(5), the last of which is the start. */
function process(pid: number, { parent = 1, state = 'S', name = 'docker', environ = '' } = {}) {
  const folder = path.join(proc, String(pid))
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'stat'), `${pid} (${name}) ${state} ${parent} ${'0 '.repeat(17)}${pid}00 0 0\n`)
  writeFileSync(path.join(folder, 'cmdline'), 'docker\0events\0--since\x001\0')
  writeFileSync(path.join(folder, 'environ'), environ)
}

it('reads what a process is, and what it was started with', () => {
  process(42, { parent: 7, name: 'a) (b c', environ: 'PATH=/bin\0EMPTY=\0NOTHING\0TWICE=a=b\0' })
  writeFileSync(path.join(proc, 'uptime'), '1')
  expect(hostProcesses(proc)).toEqual([
    {
      pid: 42,
      parent: 7,
      startedAt: '4200',
      command: 'docker events --since 1',
      environment: { PATH: '/bin', EMPTY: '', NOTHING: '', TWICE: 'a=b' },
    },
  ])
})

it('passes over what has ended, and what it may not read', () => {
  process(42, { state: 'Z' })
  mkdirSync(path.join(proc, '43'))
  expect(hostProcesses(proc)).toEqual([])
  expect(hostProcesses(path.join(proc, 'nowhere'))).toEqual([])
})

it('knows who started a process, also where that goes round', () => {
  process(1, { parent: 0 })
  process(7)
  process(42, { parent: 7 })
  process(50, { parent: 51 })
  process(51, { parent: 50 })
  const processes = hostProcesses(proc)
  expect([...lineage(42, processes)]).toEqual([42, 7, 1, 0])
  expect([...lineage(50, processes)]).toEqual([50, 51])
})
