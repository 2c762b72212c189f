import { expect, it } from 'vitest'

import type { EngineObjects } from '../harness/engine-objects.ts'
import { isWorkDirectory, removeLabelled } from './remove-run.ts'

const nothing: EngineObjects = { containers: [], networks: [], volumes: [] }

/** An engine that shows these objects, one after the other at each look, and nothing afterwards. */
function engine(...looks: EngineObjects[]) {
  const removed: EngineObjects[] = []
  return {
    removed,
    list: () => Promise.resolve(looks.shift() ?? nothing),
    remove(objects: EngineObjects) {
      removed.push(objects)
      return Promise.resolve()
    },
  }
}

it('finds nothing to remove', async () => {
  const fake = engine()
  expect(await removeLabelled('abcd1234', fake)).toEqual([])
  expect(fake.removed).toEqual([])
})

it('removes also what came after the first look', async () => {
  const late = { ...nothing, containers: ['kind-worker'] }
  const fake = engine({ ...nothing, networks: ['kind'] }, nothing, late)
  expect(await removeLabelled('abcd1234', fake)).toEqual(['network kind', 'container kind-worker'])
  expect(fake.removed).toHaveLength(2)
})

it('says what stays', async () => {
  const stuck = { ...nothing, volumes: ['v'] }
  const fake = { list: () => Promise.resolve(stuck), remove: () => Promise.resolve() }
  await expect(removeLabelled('abcd1234', fake)).rejects.toThrow(/does not remove .*: volume v/)
})

it('takes only a directory of that run for its work directory', () => {
  expect(isWorkDirectory('/out/work/abcd1234', 'abcd1234')).toBe(true)
  expect(isWorkDirectory('/home/me', 'abcd1234')).toBe(false)
  expect(isWorkDirectory('work/abcd1234', 'abcd1234')).toBe(false)
  expect(isWorkDirectory('/out/work/abcd1234/..', 'abcd1234')).toBe(false)
})
