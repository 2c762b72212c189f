import { expect, it } from 'vitest'

import type { JournalRecord } from '../../harness/journal.ts'
import { sampleVerdict } from '../sample-verdict.ts'
import { learn, legParameters, topologyText, unknownStart } from './leg.ts'

const record = (kind: string, data: unknown): JournalRecord => {
  return { t: 1, at: '2026-11-21T10:00:00.000Z', source: 'cluster', kind, subject: 'kind', data }
}

it.each([
  [[['control-plane', 'etcd'], ['worker'], ['worker']], '1 control-plane + 2 workers'],
  [[['etcd'], ['etcd'], ['etcd'], ['control-plane'], ['worker']], '3 etcd + 1 control-plane + 1 worker'],
  [[['control-plane', 'etcd', 'worker']], '1 control-plane/worker'],
])('says what the machines %j are', (machines, text) => {
  expect(topologyText(machines)).toBe(text)
})

it.each([
  ['from the engine', 'engine'],
  ["from the archive /images/node.tar, made from another recipe than this tree's", 'archive'],
  ['pulled as kindest/node:v1.34.11', 'pull'],
  ['built from source', 'build'],
  ['from somewhere', null],
])('takes an image that is %s for %s', (from, imageOrigin) => {
  expect(learn(unknownStart, record('image', { from }))).toEqual({ topology: null, imageOrigin })
})

it('learns of the first cluster of a journal', () => {
  const first = learn(unknownStart, record('starting', { nodes: [{ name: 'a', roles: ['control-plane', 'etcd'] }] }))
  const later = learn(first, record('starting', { nodes: [] }))
  expect(later).toEqual({ topology: '1 control-plane', imageOrigin: null })
})

it.each([null, 'text', { nodes: 'none' }, { from: 1 }])('learns nothing from %j', (data) => {
  expect(learn(learn(unknownStart, record('starting', data)), record('image', data))).toEqual(unknownStart)
})

it('tells legs apart, and does not say what is not known', () => {
  expect(legParameters(sampleVerdict(), unknownStart)).toEqual([
    { name: 'cluster', value: 'kind' },
    { name: 'distribution', value: 'kind 0.33.0' },
    { name: 'kubernetes', value: 'v1.34.4' },
  ])
  expect(legParameters(sampleVerdict(), { topology: '1 control-plane', imageOrigin: 'pull' })).toContainEqual({
    name: 'image origin',
    value: 'pull',
  })
})
