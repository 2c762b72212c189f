import { expect, it } from 'vitest'

import { attempt } from './drawn-picture.ts'

it('gives the picture with its title, and null where there is nothing to show', async () => {
  expect(await attempt('timeline', 'a', async (title) => `<svg>${title}</svg>`)).toEqual({
    name: 'timeline',
    title: 'a',
    svg: '<svg>a</svg>',
  })
  expect(await attempt('timeline', 'a', async () => null)).toBeNull()
})

it('leaves out one that cannot be drawn, and names it', async () => {
  const warnings: string[] = []
  const broken = async () => {
    throw new TypeError('no scale')
  }
  expect(await attempt('etcd', 'roles.health: etcd', broken, (text) => void warnings.push(text))).toBeNull()
  expect(warnings).toEqual(['warning: left out, because it cannot be drawn: roles.health: etcd: TypeError: no scale'])
})
