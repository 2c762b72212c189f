import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { broken, columnsOf, cut, fill, printable } from './columns.ts'

describe('columnsOf', () => {
  it.each([
    ['', 0],
    ['kube-proxy', 10],
    ['Ready …', 7],
    ['節点', 4],
    ['한국', 4],
    ['e\u0301', 1],
    ['🚀', 2],
    ['👩‍🔧', 2],
    ['a\u200Bb', 2],
  ])('counts %j as %d', (text, columns) => {
    expect(columnsOf(text)).toBe(columns)
  })
})

describe('cut', () => {
  it('leaves what fits, and marks what does not', () => {
    expect(cut('kube-proxy', 10)).toBe('kube-proxy')
    expect(cut('kube-proxy', 6)).toBe('kube-…')
    expect(cut('節点節点', 4)).toBe('節…')
    expect(cut('kube-proxy', 0)).toBe('')
  })

  it('never takes more columns than it was given, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        expect(columnsOf(cut(printable(text), columns))).toBeLessThanOrEqual(columns)
      }),
    )
  })
})

it('fills up to exactly the columns that it was given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, columns) => {
      expect(columnsOf(fill(printable(text), columns))).toBe(columns)
    }),
  )
})

describe('broken', () => {
  it('breaks between words and indents what follows', () => {
    expect(broken('  why: the host stood still', 14, 4)).toEqual(['  why: the', '    host stood', '    still'])
    expect(broken('short', 14, 4)).toEqual(['short'])
  })

  it('loses no word, and is never wider than its widest word makes it', () => {
    const words = fc.array(fc.stringMatching(/^\w{1,12}$/), { minLength: 1 })
    fc.assert(
      fc.property(words, fc.integer({ min: 16, max: 60 }), (all, columns) => {
        const lines = broken(all.join(' '), columns, 4)
        expect(lines.map((line) => line.trim()).join(' ')).toBe(all.join(' '))
        expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns)
      }),
    )
  })
})

describe('printable', () => {
  it('takes colours, line breaks and what moves the cursor out of what a cluster said', () => {
    expect(printable('\u001B[31mfailed\u001B[0m:\r\n  \u001B[2J● etcd\tdied\u0007')).toBe('failed: ● etcd died')
  })

  it('breaks what a CI would obey', () => {
    expect(printable(' \n:\u202A:error::etcd died, ##[group]')).toBe(': :error::etcd died, # #[group]')
  })

  it('leaves no control character of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/\p{Control}/u)
      }),
    )
  })
})
