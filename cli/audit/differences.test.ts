import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { countsText, differences, ignoring, type Inventory, type Kind, kinds } from './differences.ts'

function inventory(parts: Partial<Record<Kind, string[]>> = {}): Inventory {
  const nothing = { container: [], network: [], volume: [], image: [], process: [], mount: [] }
  const none = { 'network interface': [], 'firewall rule': [], 'listening port': [], 'control group': [] }
  const files = { 'temporary file': [], 'cache file': [], 'file of the project': [], 'working file': [] }
  return { ...nothing, ...none, ...files, ...parts }
}

const inventories = fc
  .record({
    container: fc.array(fc.constantFrom('a', 'b', 'c')),
    'firewall rule': fc.array(fc.constantFrom('x', 'y')),
  })
  .map(inventory)

describe('differences', () => {
  it('names what is there now and what is no longer, by its kind', () => {
    const before = inventory({ volume: ['v1', 'v2'], mount: ['/'] })
    const after = inventory({ volume: ['v2', 'v3'], mount: ['/'], container: ['c'] })
    expect(differences(before, after)).toEqual([
      { kind: 'container', name: 'c', change: 'left' },
      { kind: 'volume', name: 'v3', change: 'left' },
      { kind: 'volume', name: 'v1', change: 'missing' },
    ])
  })

  it('sees that the same rule is there once more', () => {
    const before = inventory({ 'firewall rule': ['-A FORWARD -j ACCEPT'] })
    const after = inventory({ 'firewall rule': ['-A FORWARD -j ACCEPT', '-A FORWARD -j ACCEPT'] })
    expect(differences(before, after)).toHaveLength(1)
  })

  it('looks at the kinds that it is told to', () => {
    const after = inventory({ image: ['i'], container: ['c'] })
    const withoutImages = kinds.filter((kind) => kind !== 'image')
    expect(differences(inventory(), after, withoutImages)).toEqual([{ kind: 'container', name: 'c', change: 'left' }])
  })

  it('finds none between a look and itself, in whatever order', () => {
    fc.assert(
      fc.property(inventories, (seen) => {
        const shuffled = { ...seen, container: seen.container.toReversed() }
        expect(differences(seen, shuffled)).toEqual([])
      }),
    )
  })

  it('finds as missing backwards what is left forwards', () => {
    fc.assert(
      fc.property(inventories, inventories, (before, after) => {
        const change = (from: Inventory, to: Inventory, which: 'left' | 'missing') =>
          differences(from, to)
            .filter((each) => each.change === which)
            .map(({ kind, name }) => `${kind} ${name}`)
        expect(change(before, after, 'left')).toEqual(change(after, before, 'missing'))
      }),
    )
  })
})

it('leaves out what others are known to make, and nothing else', () => {
  const found = differences(inventory(), inventory({ 'temporary file': ['bash_42', 'clusterproof-run-x'] }))
  expect(ignoring(['bash_'], found).map(({ name }) => name)).toEqual(['clusterproof-run-x'])
  expect(ignoring([], found)).toEqual(found)
})

it('counts by kind', () => {
  const after = inventory({ container: ['a', 'b'], network: ['n'] })
  expect(countsText(differences(inventory(), after))).toBe('2 containers, 1 network')
  expect(countsText([])).toBe('')
})
