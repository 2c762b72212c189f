import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { kindBinary, pinnedKindVersion } from './kind-binary.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kind-binary-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

function program(name: string, mode = 0o755): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, mode)
  return file
}

const environment = () => ({
  CLUSTERPROOF_CACHE: path.join(folder, 'cache'),
  PATH: [path.join(folder, 'empty'), path.join(folder, 'bin')].join(path.delimiter),
})

describe('kindBinary', () => {
  it('is the one that is named, then the pinned one, then the one on the PATH', () => {
    const onPath = program('bin/kind')
    expect(kindBinary(environment())).toBe(onPath)
    const pinned = program(`cache/bin/kind-${pinnedKindVersion()}`)
    expect(kindBinary(environment())).toBe(pinned)
    const named = program('my-kind')
    expect(kindBinary({ ...environment(), CLUSTERPROOF_KIND: named })).toBe(named)
  })

  it('is no file that cannot be run', () => {
    program('bin/kind', 0o644)
    expect(() => kindBinary(environment())).toThrow(/there is no kind CLI/)
  })

  it('is an error where the named one is missing', () => {
    program('bin/kind')
    const env = { ...environment(), CLUSTERPROOF_KIND: path.join(folder, 'gone') }
    expect(() => kindBinary(env)).toThrow(/CLUSTERPROOF_KIND names .*gone/)
  })
})
