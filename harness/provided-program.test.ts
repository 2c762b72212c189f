import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { helmBinary, helmProgram } from './helm-binary.ts'
import { projectFolder } from './images/settings.ts'
import { kindBinary, kindProgram } from './kind-binary.ts'
import { pinnedVersion, programFile } from './provided-program.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'provided-program-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

function executable(name: string, mode = 0o755): string {
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

describe.each([
  [kindProgram, kindBinary],
  [helmProgram, helmBinary],
])('$name', (program, binary) => {
  const { name, variable } = program

  it('is the one that is named, then the pinned one, then the one on the PATH', () => {
    const onPath = executable(`bin/${name}`)
    expect(binary(environment())).toBe(onPath)
    const pinned = executable(`cache/bin/${name}-${pinnedVersion(program)}`)
    expect(binary(environment())).toBe(pinned)
    const named = executable(`my-${name}`)
    expect(binary({ ...environment(), [variable]: named })).toBe(named)
  })

  it('is no file that cannot be run', () => {
    executable(`bin/${name}`, 0o644)
    expect(() => programFile(program, environment())).toThrow(new RegExp(`there is no ${name} CLI`))
  })

  it('is an error where the named one is missing', () => {
    executable(`bin/${name}`)
    const env = { ...environment(), [variable]: path.join(folder, 'gone') }
    expect(() => binary(env)).toThrow(new RegExp(`${variable} names .*gone`))
  })

  it('is what ./setup calls it', () => {
    const script = readFileSync(path.join(projectFolder, `setup.d/${name}.sh`), 'utf8')
    expect(script).toContain(`program=${name}\n\tvariable=${variable} `)
    expect(script).toContain(`folder=${path.dirname(program.modFile)} module=${program.module}\n`)
  })
})
