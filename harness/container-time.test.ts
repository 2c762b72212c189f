import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { hierarchiesIn, ContainerTime } from './container-time.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'clusterproof-cgroups-'))
})

afterEach(() => rmSync(root, { recursive: true }))

function put(file: string, content: string): void {
  const target = path.join(root, file)
  mkdirSync(path.dirname(target), { recursive: true })
  writeFileSync(target, content)
}

const id = 'ab'.repeat(32)
const other = 'cd'.repeat(32)

describe.each([
  {
    version: 'v1',
    set(container: string, weight: 'low' | 'ordinary', usedMs: number) {
      put(`cpu/docker/${container}/cpu.shares`, weight === 'low' ? '64\n' : '1024\n')
      put(`cpuacct/docker/${container}/cpuacct.usage`, `${usedMs * 1e6}\n`)
    },
  },
  {
    version: 'v2',
    set(container: string, weight: 'low' | 'ordinary', usedMs: number) {
      put(`system.slice/docker-${container}.scope/cpu.weight`, weight === 'low' ? '3\n' : '39\n')
      put(`system.slice/docker-${container}.scope/cpu.stat`, `usage_usec ${usedMs * 1e3}\nuser_usec 0\n`)
      put('system.slice/cron.service/cpu.weight', '3\n')
    },
  },
])('processor time of containers that yield, by cgroup $version', ({ set }) => {
  it('is counted for as long as they do', () => {
    set(id, 'low', 1_000)
    set(other, 'ordinary', 0)
    const times = new ContainerTime(hierarchiesIn(root))
    expect(times.look().yieldedMs).toBe(0)
    set(id, 'low', 1_500)
    set(other, 'ordinary', 700)
    expect(times.look().yieldedMs).toBe(500)
    set(id, 'ordinary', 9_000)
    expect(times.look().yieldedMs).toBe(500)
    set(id, 'low', 9_100)
    expect(times.look().yieldedMs).toBe(500)
    set(id, 'low', 9_200)
    expect(times.look().yieldedMs).toBe(600)
  })

  it("is counted of one that is one's own, also after it was started again", () => {
    set(id, 'ordinary', 1_000)
    set(other, 'ordinary', 1_000)
    const times = new ContainerTime(hierarchiesIn(root))
    times.own(id)
    times.look()
    set(id, 'ordinary', 1_400)
    set(other, 'ordinary', 5_000)
    expect(times.look()).toEqual({ yieldedMs: 0, ownMs: 400 })
    set(id, 'ordinary', 100)
    expect(times.look().ownMs).toBe(400)
    set(id, 'ordinary', 150)
    expect(times.look().ownMs).toBe(450)
  })
})

it('is none where nothing can be read', () => {
  expect(new ContainerTime(hierarchiesIn(path.join(root, 'nothing'))).look()).toEqual({ yieldedMs: 0, ownMs: 0 })
})
