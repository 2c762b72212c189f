import fc from 'fast-check'
import { expect, it } from 'vitest'

import { warnings } from '../../harness/topology.ts'
import { contenders, reference, roundOrder } from './contenders.ts'

it('are made of one node image, and told apart by their names', () => {
  const definitions = contenders.map(({ definition }) => definition)
  expect(new Set(definitions.map(({ kubernetes }) => kubernetes)).size).toBe(1)
  expect(definitions.filter(({ nodeImage }) => nodeImage !== undefined)).toEqual([])
  expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length)
  expect(definitions.flatMap(warnings)).toEqual([])
})

it('have a goal where one has as many nodes as the reference', () => {
  const held = contenders.filter(({ goal }) => goal !== undefined)
  expect(held.map(({ definition }) => definition.name)).toEqual(['kubeadm'])
  for (const { definition } of held) expect(definition.nodes).toHaveLength(reference.definition.nodes.length)
})

it('are each started once a round, never the reference first of all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), (round) => {
      expect(new Set(roundOrder(contenders, round))).toEqual(new Set(contenders))
      expect(roundOrder(contenders, round)).toEqual(roundOrder(contenders, round + 1).toReversed())
    }),
  )
  expect(roundOrder(contenders, 1)[0]).not.toBe(reference)
})
