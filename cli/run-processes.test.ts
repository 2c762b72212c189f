import { expect, it } from 'vitest'

import { newRun, runEnvironment } from '../harness/run.ts'
import type { HostProcess } from './host-processes.ts'
import { describeProcess, endProcesses, processesOf } from './run-processes.ts'

function hostProcess(pid: number, environment: Record<string, string> = {}): HostProcess {
  return { pid, parent: 1, startedAt: String(pid), command: `docker events ${pid}`, environment }
}

/** A system in which these processes end at a signal, or never. */
function system(endsAt: 'SIGTERM' | 'SIGKILL' | 'never', ...processes: HostProcess[]) {
  const signals: string[] = []
  let living = processes
  return {
    signals,
    start: (started: HostProcess) => living.push(started),
    list: () => [...living],
    signal(pid: number, signal: 'SIGTERM' | 'SIGKILL') {
      signals.push(`${signal} ${pid}`)
      if (signal === endsAt) living = living.filter((each) => each.pid !== pid)
    },
    pause: () => Promise.resolve(),
  }
}

it('knows the processes of a run by what they were started with', () => {
  const [run, other] = [newRun(), newRun()]
  const processes = [
    hostProcess(2_000_001, runEnvironment(run)),
    hostProcess(2_000_002, runEnvironment(other)),
    hostProcess(2_000_003, { CLUSTERPROOF_RUN: '{"id":' }),
    hostProcess(2_000_004),
  ]
  expect(processesOf(run.id, processes).map(({ pid }) => pid)).toEqual([2_000_001])
})

it('does not take itself or who called it for what a run has left', () => {
  const run = newRun()
  const environment = runEnvironment(run)
  const processes = [
    { ...hostProcess(process.pid, environment), parent: 2_000_001 },
    hostProcess(2_000_001, environment),
    hostProcess(2_000_002, environment),
  ]
  expect(processesOf(run.id, processes).map(({ pid }) => pid)).toEqual([2_000_002])
})

it('asks each to end once, and goes on until nothing is left', async () => {
  const fake = system('SIGTERM', hostProcess(1), hostProcess(2))
  await endProcesses('abcd1234', fake)
  expect(fake.signals).toEqual(['SIGTERM 1', 'SIGTERM 2'])
})

it('ends also what was started while it looked', async () => {
  const fake = system('SIGTERM', hostProcess(1))
  let late = true
  const pause = () => {
    if (late) fake.start(hostProcess(2))
    late = false
    return Promise.resolve()
  }
  await endProcesses('abcd1234', { ...fake, pause })
  expect(fake.signals).toEqual(['SIGTERM 1', 'SIGTERM 2'])
})

it('kills what does not end when it is asked', async () => {
  const fake = system('SIGKILL', hostProcess(1))
  await endProcesses('abcd1234', fake)
  expect(fake.signals).toEqual(['SIGTERM 1', 'SIGKILL 1'])
})

it('says what cannot be ended', async () => {
  await expect(endProcesses('abcd1234', system('never', hostProcess(1)))).rejects.toThrow(
    /run abcd1234 .*does not end: process 1: docker events 1/,
  )
})

it('shortens long command lines', () => {
  expect(describeProcess({ ...hostProcess(1), command: 'x'.repeat(200) })).toHaveLength('process 1: '.length + 101)
})
