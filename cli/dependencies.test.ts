import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { projectFolder } from '../harness/images/settings.ts'
import { type Dependency, dependencies, licenceLines, saidInLicenses } from './dependencies.ts'

/** Licences that ask for no more than to be named: what the project ships with, or runs on, may have these. */
const permissive = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]

/** What is only used while the project is worked on, and changed or passed on by nobody, may have these as well. */
const forTools = [...permissive, '(MPL-2.0 OR Apache-2.0)', 'CC-BY-4.0', 'MPL-2.0', 'PSF-2.0']

/**
 * Packages that would run a program when they are installed, all of them below testcontainers. None does: .npmrc says
 * ignore-scripts. ssh2 and cpu-features then do without the faster code that they would compile; protobufjs only prints.
 */
const withInstallScript = ['cpu-features', 'protobufjs', 'ssh2']

const all = dependencies()

describe('the npm packages', () => {
  it('have licences that ask for no more than to be named', () => {
    const allowed = { production: permissive, development: forTools }
    expect(all.filter(({ licence, use }) => !allowed[use].includes(licence))).toEqual([])
    expect(all.length).toBeGreaterThan(100)
  })

  it('run nothing when they are installed', () => {
    expect(all.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)).toEqual(withInstallScript)
    const npmrc = readFileSync(path.join(projectFolder, '.npmrc'), 'utf8').split('\n')
    expect(npmrc).toContain('ignore-scripts=true')
  })

  it('are those that were meant, wherever they are taken from', () => {
    for (const { name, integrity } of all)
      expect({ name, integrity }).toEqual({ name, integrity: expect.stringMatching(/^sha512-/) })
    expect(readFileSync(path.join(projectFolder, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
  })

  it.each([...saidInLicenses])('say where the lock file does not: %s has %s', (name, licence) => {
    const file = path.join(projectFolder, 'node_modules', name, 'package.json')
    const schema = z.object({ licenses: z.array(z.object({ type: z.string() })) })
    expect(schema.parse(JSON.parse(readFileSync(file, 'utf8'))).licenses).toMatchObject([{ type: licence }])
  })
})

describe('licenceLines', () => {
  it('counts, the most frequent first', () => {
    const one = (licence: string, use: Dependency['use']) =>
      ({ name: 'x', version: '1.0.0', licence, use, hasInstallScript: false, integrity: null }) as const
    expect(
      licenceLines([
        one('ISC', 'production'),
        one('MIT', 'development'),
        one('MIT', 'production'),
        one('0BSD', 'development'),
      ]),
    ).toEqual([
      'MIT     1 production,   1 development',
      '0BSD    0 production,   1 development',
      'ISC     1 production,   0 development',
    ])
  })
})
