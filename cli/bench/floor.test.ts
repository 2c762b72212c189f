import { expect, it } from 'vitest'

import { filesOf } from './floor.ts'

const names = ['ca.crt', 'apiserver.crt', 'apiserver.key', 'sa.pub', 'sa.key']
const pem = (name: string) => `-----BEGIN X-----\n${name}==\n-----END X-----\n`
const printed = (all: readonly string[]) => all.map((name) => `==> ${name} <==\n${pem(name)}`).join('\n')

it('takes the files apart that were printed in one go', () => {
  expect(filesOf(printed(names))).toEqual(
    names.map((name) => ({ path: `/floor/pki/${name}`, content: pem(name), mode: 0o600 })),
  )
})

it('does not start an API server without one of its files', () => {
  expect(() => filesOf(printed(names.filter((name) => name !== 'sa.key')))).toThrow('sa.key is missing')
  expect(() => filesOf('')).toThrow('ca.crt is missing')
})
