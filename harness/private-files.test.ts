import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { privateDirectory, requirePrivate, requireUnshown, writePrivate } from './private-files.ts'
import { newRun } from './run.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-private-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

describe('privateDirectory', () => {
  it('is for this user alone, with all that was made for it', () => {
    privateDirectory(path.join(folder, 'a/b/c'))
    for (const each of ['a', 'a/b', 'a/b/c']) expect(modeOf(path.join(folder, each))).toBe('700')
  })

  it('closes one that was open', () => {
    mkdirSync(path.join(folder, 'open'), { mode: 0o755 })
    expect(modeOf(privateDirectory(path.join(folder, 'open')))).toBe('700')
  })
})

describe('writePrivate', () => {
  it('is for this user alone, also where the file was there for all', () => {
    const file = path.join(folder, 'kubeconfig')
    writePrivate(file, 'a')
    expect(modeOf(file)).toBe('600')
    chmodSync(file, 0o644)
    writePrivate(file, 'b')
    expect(modeOf(file)).toBe('600')
  })
})

describe('requirePrivate', () => {
  const place = () => {
    const run = { out: path.join(folder, 'out'), workDirectory: path.join(folder, 'work/abcd1234') }
    const file = path.join(privateDirectory(path.join(run.workDirectory, 'kind-1')), 'kubeconfig')
    writePrivate(file, 'users: []\n')
    return { run, file }
  }

  it('takes what the providers write', () => {
    const { run, file } = place()
    expect(() => requirePrivate(file, run)).not.toThrow()
  })

  it.each([0o640, 0o604, 0o644])('refuses a file of mode %o', (mode) => {
    const { run, file } = place()
    chmodSync(file, mode)
    expect(() => requirePrivate(file, run)).toThrow(`others may read it (mode ${mode.toString(8)})`)
  })

  it('refuses directories that others may look into', () => {
    const { run, file } = place()
    chmodSync(path.dirname(file), 0o755)
    expect(() => requirePrivate(file, run)).toThrow('others may look into')
    chmodSync(path.dirname(file), 0o700)
    chmodSync(run.workDirectory, 0o711)
    expect(() => requirePrivate(file, run)).toThrow(`others may look into ${run.workDirectory} (mode 711)`)
  })

  it('refuses what lies below the output directory, or anywhere but in the run’s own', () => {
    const { run, file } = place()
    expect(() => requirePrivate(file, { ...run, out: folder })).toThrow(`lies in the output directory ${folder}`)
    const other = path.join(folder, 'kubeconfig')
    writeFileSync(other, '')
    expect(() => requirePrivate(other, run)).toThrow('lies outside of the run’s directory'.replace('’', "'"))
  })
})

describe('requireUnshown', () => {
  it('takes a file of whatever mode, but for one in what is shown around', () => {
    const file = path.join(folder, 'admin.conf')
    writeFileSync(file, '', { mode: 0o644 })
    expect(() => requireUnshown(file, { out: path.join(folder, 'out') })).not.toThrow()
    expect(() => requireUnshown(file, { out: folder })).toThrow(`lies in the output directory ${folder}`)
  })
})

describe('the directory of a run', () => {
  it('is never below its output directory', () => {
    const run = newRun()
    expect(path.relative(run.out, run.workDirectory).startsWith('..')).toBe(true)
  })
})
