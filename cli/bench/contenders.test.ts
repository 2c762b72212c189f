import fc from 'fast-check'
import { expect, it } from 'vitest'

import { warnings } from '../../harness/topology.ts'
import { contenders, roundOrder } from './contenders.ts'

const definitions = contenders.flatMap((contender) => (contender.kind === 'floor' ? [] : [contender.definition]))
const named = (name: string) => contenders.find((contender) => contender.name === name)

it('are made of one node image, and told apart by their names', () => {
  expect(new Set(definitions.map(({ kubernetes }) => kubernetes)).size).toBe(1)
  expect(definitions.filter(({ nodeImage }) => nodeImage !== undefined)).toEqual([])
  expect(new Set(contenders.map(({ name }) => name)).size).toBe(contenders.length)
  expect(definitions.flatMap(warnings)).toEqual([])
})

it('are compared with others that there are, and not with themselves', () => {
  for (const { name, comparisons } of contenders) {
    for (const { with: other } of comparisons) {
      expect(named(other), `${name} with ${other}`).toBeDefined()
      expect(other).not.toBe(name)
    }
  }
})

it('have the goals of kind and of the floor', () => {
  const goals = contenders.flatMap(({ name, comparisons }) =>
    comparisons.map(({ with: other, goal }) => `${name} ${goal === null ? 'shown beside' : `≤ ${goal} of`} ${other}`),
  )
  expect(goals).toEqual([
    'single ≤ 0.5 of kind-single',
    'single ≤ 2 of floor',
    'kubeadm ≤ 0.5 of kind',
    'snapshot ≤ 0.5 of kubeadm',
    'split shown beside kind',
    'split ≤ 0.5 of kind-ha',
    'stacked-ha ≤ 0.5 of kind-ha',
  ])
})

it('have as many machines of each role as the one of kind that they must beat', () => {
  const machines = (name: string) => named(name)?.machines
  expect(machines('single')).toBe(machines('kind-single'))
  expect(machines('kubeadm')).toBe(machines('kind'))
  expect(machines('stacked-ha')).toBe(machines('kind-ha'))
  expect(machines('kind-ha')).toBe('3 control planes + 2 workers')
})

it('are each started once a round, the first of a round being the last of the next', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), (round) => {
      expect(new Set(roundOrder(contenders, round))).toEqual(new Set(contenders))
      expect(roundOrder(contenders, round)).toEqual(roundOrder(contenders, round + 1).toReversed())
    }),
  )
})

it('do not begin with one of kind: what is read from the disk for the first time is not its loss', () => {
  const [first] = roundOrder(contenders, 1)
  expect(first?.kind === 'cluster' && first.definition.provider).toBe('kubeadm')
})
