import { expect, it } from 'vitest'

import type { JournalRecord } from '../harness/journal.ts'
import type { StartFold } from './scenario-fold.ts'
import { sturdy } from './sturdy-fold.ts'

const record = (kind: string): JournalRecord => ({ t: 0, at: '', source: 'run', kind, subject: 'x' })
const start = { name: 'a', startedAt: 0 }
const end = { endedAt: 1, verdict: null }

const kinds: StartFold<string[]> = () => {
  const seen: string[] = []
  return {
    take({ kind }) {
      if (kind === 'odd') throw new TypeError('nobody foresaw it')
      seen.push(kind)
    },
    end() {
      if (seen.includes('unfinished')) throw new TypeError('it has no end')
      return seen
    },
  }
}

function taken(...told: string[]) {
  const warnings: string[] = []
  const fold = sturdy('listing', kinds, (message) => void warnings.push(message))(start)
  for (const kind of told) fold.take(record(kind))
  return { facts: fold.end(end), warnings }
}

it('gives what the fold gives', () => {
  expect(taken('one', 'two')).toEqual({ facts: ['one', 'two'], warnings: [] })
})

it('gives what there was before a record that the fold cannot take, and says so once', () => {
  expect(taken('one', 'odd', 'two', 'odd')).toEqual({
    facts: ['one'],
    warnings: ['warning: the listing of a is not whole: TypeError: nobody foresaw it'],
  })
})

it('gives what there would be of no record where the fold comes to no end', () => {
  expect(taken('one', 'unfinished')).toMatchObject({ facts: [], warnings: [expect.stringContaining('it has no end')] })
})
