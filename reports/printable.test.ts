import { expect, it } from 'vitest'

import { printable } from './printable.ts'

it('leaves text and lines as they are', () => {
  expect(printable('kube-proxy: 3 von 4 ✓\nzweite Zeile')).toBe('kube-proxy: 3 von 4 ✓\nzweite Zeile')
})

it.each([
  ['a\u001B[2Jb', 'ab'],
  ['a\u001B]0;title\u0007b', 'ab'],
  ['a\r\u0008\tb\u009B', 'a b '],
])('takes what steers a terminal out of %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})
