import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { finalName, firstBoot } from './identity.ts'

const budgets = fc
  .record({ nodeBootMs: fc.nat(600_000), metadataAfterMs: fc.nat(600_000) })
  .map(({ nodeBootMs, metadataAfterMs }) => ({
    nodeBootMs,
    metadataAfterMs,
    name: finalName(nodeBootMs, metadataAfterMs),
    boot: firstBoot(nodeBootMs, metadataAfterMs),
  }))

describe('the budgets of identity', () => {
  it('are the sums of their terms', () => {
    fc.assert(
      fc.property(budgets, ({ name, boot }) => {
        for (const { ms, terms } of [name, boot]) expect(ms).toBe(terms.reduce((sum, term) => sum + term.ms, 0))
      }),
    )
  })

  it('give a machine its boot, its wait for the metadata service, and one more question', () => {
    fc.assert(
      fc.property(budgets, ({ nodeBootMs, metadataAfterMs, name }) => {
        expect(name.ms).toBe(nodeBootMs + metadataAfterMs + 3_000)
      }),
    )
  })

  it('give a cluster what its machines have, and more of what only the constants say', () => {
    const rest = firstBoot(0, 0).ms - finalName(0, 0).ms
    expect(rest).toBeGreaterThan(0)
    fc.assert(
      fc.property(budgets, ({ name, boot }) => {
        expect(boot.ms).toBe(name.ms + rest)
      }),
    )
  })

  it('say where every constant comes from', () => {
    for (const { name, source } of [...finalName(1, 2).terms, ...firstBoot(1, 2).terms]) {
      expect(`${name}: ${source}`).toMatch(/\S{3}.*: \S{3}/)
    }
  })
})
