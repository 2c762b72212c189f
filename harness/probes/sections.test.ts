import fc from 'fast-check'
import { expect, it } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import { parseSections, readSections } from './sections.ts'

it('tells sections apart, and forgets what stands before the first', () => {
  const sections = parseSections('noise\n== a\none\ntwo\n\n== b\n\n== c\nthree')
  expect([...sections]).toEqual([
    ['a', 'one\ntwo'],
    ['b', ''],
    ['c', 'three'],
  ])
})

it('has an empty last section for an empty one, though its newline was taken away', () => {
  expect([...parseSections('\n== a\n\n== b')]).toEqual([
    ['a', ''],
    ['b', ''],
  ])
})

it('gives back whatever was printed, but for the space around it', () => {
  const text = fc
    .string({ unit: fc.constantFrom('x', ' ', '\n', '=', '-') })
    .filter((each) => !/\n== .*\n/.test(`\n${each}\n`))
  fc.assert(
    fc.property(text, (body) => {
      expect(parseSections(`\n== name\n${body}\n`).get('name')).toBe(body.trim())
    }),
  )
})

it('knows nothing of a machine that does not answer', async () => {
  const node = new FakeNode('off', ['worker'])
  node.says = new Error('the container is not running')
  expect(await readSections(node, 'section a')).toBeNull()
})

it('hands words on to the script as its own, not as shell', async () => {
  const node = new FakeNode('on', ['worker'])
  node.says = { stdout: '\n== a\nb\n' }
  expect(await readSections(node, 'section "$1"', { words: ['$(reboot)'] })).toEqual(new Map([['a', 'b']]))
  expect(node.done[0]).toMatch(/ sh \$\(reboot\)$/)
})
