import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { JournalRecord } from '../journal.ts'
import { leaseFacts } from '../kube/observe.ts'
import type { Lease } from '../kube/types.ts'
import { type LeaseTerm, leaseTerms, overlaps } from './lease-terms.ts'

const subject = 'lease/kube-system/kube-scheduler'
const base = Date.UTC(2026, 0, 1)
const iso = (ms: number) => new Date(base + ms).toISOString()

function lease(holder: string, acquired: number, renewed: number): Lease {
  const metadata = {
    name: 'kube-scheduler',
    namespace: 'kube-system',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '',
  }
  return {
    metadata,
    spec: { holderIdentity: holder, acquireTime: iso(acquired), renewTime: iso(renewed), leaseTransitions: 0 },
  }
}

function recorded(leases: readonly Lease[]): JournalRecord[] {
  const facts = leaseFacts()
  return leases.flatMap((object, index) => {
    const data = facts(object)
    return data === null
      ? []
      : [{ t: index, at: iso(index), source: 'api-watch' as const, kind: 'MODIFIED', subject, data }]
  })
}

describe('the terms of a lease', () => {
  it('end with the last renewal that was seen before the next holder', () => {
    const records = recorded([lease('a', 0, 0), lease('a', 0, 2_000), lease('a', 0, 4_000), lease('b', 20_000, 20_000)])
    expect(records).toHaveLength(2)
    expect(leaseTerms(records, subject)).toEqual([
      { holder: 'a', from: base, lastRenewal: base + 4_000 },
      { holder: 'b', from: base + 20_000, lastRenewal: null },
    ])
  })

  it('end where a lock is released, and other subjects have none', () => {
    const records = recorded([lease('a', 0, 1_000), lease('', 0, 2_000), lease('b', 3_000, 3_000)])
    expect(leaseTerms(records, subject).map(({ holder }) => holder)).toEqual(['a', 'b'])
    expect(leaseTerms(records, 'lease/x/y')).toEqual([])
  })
})

describe('overlapping terms', () => {
  const terms: LeaseTerm[] = [
    { holder: 'a', from: 0, lastRenewal: 4_000 },
    { holder: 'b', from: 10_000, lastRenewal: null },
  ]

  it('are those of a holder that acted on after the next had begun', () => {
    expect(overlaps(terms)).toEqual([])
    expect(overlaps(terms, new Map([['a', 9_000]]))).toEqual([])
    expect(overlaps(terms, new Map([['a', 12_000]]))).toMatchObject([{ byMs: 2_000 }])
  })

  it('are none where each begins after the one before was over', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { maxLength: 8 }), (lengths) => {
        let at = 0
        const made = lengths.map(([pause, length], index) => {
          const from = at + pause
          at = from + length
          return { holder: `h${index}`, from, lastRenewal: at }
        })
        expect(overlaps(made)).toEqual([])
      }),
    )
  })
})
