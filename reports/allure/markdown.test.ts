import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { block, plain, table } from './markdown.ts'

describe('text', () => {
  it('holds no HTML and no line of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(plain(text)).not.toMatch(/[<>\n]/)
      }),
    )
  })

  it('has a backslash before what Markdown means something by', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('*', '_', '[', ']', '`', '|', '!', '\\', 'a', ' ') }), (text) => {
        // What is left without its escapes has nothing that means anything.
        expect(plain(text).replaceAll(/\\[^a ]/g, '')).toMatch(/^[a ]*$/)
      }),
    )
  })

  it('stays readable', () => {
    expect(plain('<script>alert(1)</script> & a|b')).toBe(String.raw`&lt;script&gt;alert(1)&lt;/script&gt; &amp; a\|b`)
  })
})

it('fences a block so that no line of it is its end', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', '\n', 'a') }), (text) => {
      const lines = block(text).split('\n')
      const [fence = ''] = lines
      expect(lines.at(-1)).toBe(fence)
      for (const line of lines.slice(1, -1)) expect(line).not.toContain(fence)
    }),
  )
})

it('has a row of cells a line', () => {
  expect(table(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |')
})
