import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anomaliesOf } from './steady-reads.ts'

const write = (number: number, revision = number * 10) => ({
  number,
  name: `w-${number}`,
  uid: `u-${number}`,
  revision,
  at: number,
})
const read = (...numbers: number[]) => new Map(numbers.map((number) => [`w-${number}`, `u-${number}`]))

describe('anomaliesOf', () => {
  it('are none where everything that was acknowledged is read, whatever else is', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), fc.nat({ max: 10 }), (count, more) => {
        const writes = Array.from({ length: count }, (_, index) => write(index + 1))
        const all = Array.from({ length: count + more }, (_, index) => index + 1)
        expect(anomaliesOf(writes, read(), read(...all))).toEqual([])
      }),
    )
  })

  it('tells a write that was never read from one that is gone again', () => {
    expect(anomaliesOf([write(1)], read(), read())).toMatchObject([{ kind: 'stale' }])
    expect(anomaliesOf([write(1)], read(1), read())).toMatchObject([{ kind: 'lost' }])
  })

  it('sees a write that was made anew', () => {
    expect(anomaliesOf([write(1)], read(), new Map([['w-1', 'other']]))).toMatchObject([{ kind: 'twice' }])
  })

  it('sees an acknowledgement that came with an older revision than the one before it', () => {
    expect(anomaliesOf([write(1, 20), write(2, 10)], read(), read(1, 2))).toMatchObject([{ kind: 'reordered' }])
  })
})
