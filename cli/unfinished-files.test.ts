import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { stream } from '../harness/process.ts'
import { removeBuilds, unfinishedBuilds, unfinishedFiles } from './unfinished-files.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-unfinished-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function file(...names: string[]): string {
  const name = path.join(folder, ...names)
  mkdirSync(path.dirname(name), { recursive: true })
  writeFileSync(name, '')
  return name
}

function find(...alive: number[]): string[] {
  return unfinishedFiles(folder, path.join(folder, 'cache'), (pid) => alive.includes(pid))
}

it('finds what nobody finishes, and leaves alone what somebody writes', () => {
  const hash = 'a'.repeat(64)
  const unfinished = [
    file('clusterproof-run-abcd1234.json.11'),
    file('cache', 'runs', 'clusterproof-run-abcd1234.json.11'),
    path.dirname(file('clusterproof-report-14-Ab12Cd', 'x')),
    file('cache', 'archives', `${hash}.json.12`),
    file('cache', 'bin', 'kind-0.33.0.13'),
    file('cache', 'bin', 'kind-0.33.0.13.sha256sum'),
  ]
  file('clusterproof-run-abcd1234.json.99')
  file('clusterproof-report-99-Ab12Cd', 'x')
  file('cache', 'bin', 'helm-3.22.0.99')
  expect(find(99)).toEqual(unfinished)
})

it('takes nothing for unfinished that is whole, or not its own', () => {
  file('clusterproof-run-abcd1234.json')
  file('notes.json.11')
  file('clusterproof-report-123456', 'x')
  file('cache', 'archives', `${'a'.repeat(64)}.json`)
  file('cache', 'bin', 'kind-0.33.0')
  file('cache', 'bin', 'actionlint-1.7.12')
  expect(find()).toEqual([])
})

it('finds nothing where there is no cache', () => {
  expect(unfinishedFiles(folder, path.join(folder, 'nowhere'))).toEqual([])
})

describe('unfinishedBuilds', () => {
  const lock = () => path.join(folder, 'lock')

  it('finds what a build was killed over, and removes it', async () => {
    file('work.Ab12Cd', 'rootfs.tar')
    file('work.notes')
    file('lock')
    const found = await unfinishedBuilds(folder)
    expect(found).toEqual([path.join(folder, 'work.Ab12Cd')])
    await removeBuilds(found, folder)
    expect(readdirSync(folder).toSorted()).toEqual(['lock', 'work.notes'])
  })

  it('leaves a build alone that is at work', async () => {
    const unfinished = path.dirname(file('work.Ab12Cd', 'rootfs.tar'))
    const builds = Promise.withResolvers<void>()
    const build = stream('flock', [lock(), 'sh', '-c', 'echo builds; exec sleep 60'], {
      onLine: () => builds.resolve(),
    })
    await builds.promise
    expect(await unfinishedBuilds(folder)).toEqual([])
    await removeBuilds([unfinished], folder)
    expect(existsSync(unfinished)).toBe(true)
    build.kill()
    await build.done
  })

  it('finds none where there is no cache', async () => {
    expect(await unfinishedBuilds(path.join(folder, 'nowhere'))).toEqual([])
  })
})
