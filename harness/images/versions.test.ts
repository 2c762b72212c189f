import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { UserError } from '../user-error.ts'
import { parseVersion, type Version } from './version.ts'
import { chosenKubernetes, defaultKubernetes, kubernetesIn, supportedKubernetes } from './versions.ts'

const version = (text: string): Version => {
  const parsed = parseVersion(text)
  if (parsed === undefined) throw new Error(`${text} is no version`)
  return parsed
}
const supported = new Map(['1.32.13', '1.34.4', '1.36.3'].map((text) => [text.slice(0, 4), version(text)]))

describe('kubernetesIn', () => {
  it('reads the version on a line of its own and in a block', () => {
    expect(kubernetesIn('module m\n\nrequire k8s.io/kubernetes v1.34.4\n', 'm')).toEqual(version('1.34.4'))
    expect(kubernetesIn('require (\n\tk8s.io/kubernetes v1.36.3\n)\n', 'm')).toEqual(version('1.36.3'))
  })

  it('is not taken in by other modules', () => {
    const others = 'require k8s.io/kubernetes-csi v1.1.1\nrequire example.com/k8s.io/kubernetes v2.2.2\n'
    expect(() => kubernetesIn(others, 'some.mod')).toThrow('some.mod does not require')
  })
})

describe('supportedKubernetes', () => {
  it('is what there is a module file for, oldest first', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'versions-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    for (const text of ['1.36.3', '1.9.11', '1.34.4']) {
      writeFileSync(path.join(folder, `${text}.mod`), `require k8s.io/kubernetes v${text}\n`)
      writeFileSync(path.join(folder, `${text}.sum`), '')
    }
    expect([...supportedKubernetes(folder).keys()]).toEqual(['1.9', '1.34', '1.36'])
  })

  it('has the default', () => {
    expect(supportedKubernetes().has(defaultKubernetes)).toBe(true)
  })
})

describe('chosenKubernetes', () => {
  it.each([
    [[], [defaultKubernetes]],
    [['1.36'], ['1.36']],
    [['v1.36'], ['1.36']],
    [['1.34,1.36'], ['1.34', '1.36']],
    [
      ['1.34', '1.36, 1.32', '1.34'],
      ['1.34', '1.36', '1.32'],
    ],
  ])('%j', (given, minors) => {
    expect(chosenKubernetes(given, supported)).toEqual(minors)
  })

  it.each(['', '1.33', '1.34.4', 'latest', '1.34,', '1.34 1.36'])('refuses %j and names what there is', (given) => {
    try {
      chosenKubernetes([given], supported)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
      expect(error).toMatchObject({ exitCode: 2, hint: expect.stringContaining('1.32, 1.34, 1.36') })
    }
  })
})
