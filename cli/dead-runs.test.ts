import { expect, it } from 'vitest'

import { deadRuns } from './dead-runs.ts'

function record(id: string) {
  return { id, pid: 4711, processStartedAt: '1', writes: null, workDirectory: `/out/work/${id}` }
}

it('leaves a living run alone, whatever it has made', () => {
  expect(deadRuns(['alive000'], [record('alive000')], new Set(['alive000']))).toEqual([])
})

it('takes runs whose process is gone, and runs that nobody answers for', () => {
  const dead = deadRuns(
    ['orphan00', 'dead0000', 'alive000'],
    [record('dead0000'), record('alive000')],
    new Set(['alive000']),
  )
  expect(dead).toEqual([
    { id: 'dead0000', record: record('dead0000') },
    { id: 'orphan00', record: null },
  ])
})

it('takes a dead run that left its work files and nothing in the engine', () => {
  expect(deadRuns([], [record('dead0000')], new Set())).toHaveLength(1)
})
