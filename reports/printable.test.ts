import fc from 'fast-check'
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

it.each([
  ['::error::failed', ': :error::failed'],
  ['kubelet:\n\t ::stop-commands::x', 'kubelet:\n  : :stop-commands::x'],
  ['a line that is broken before ::add-mask::a', 'a line that is broken before : :add-mask::a'],
  [':\u001B[0m:error::x', ': :error::x'],
  ['failed ##[error]x', 'failed # #[error]x'],
  ['##vso[task.complete]', '# #vso[task.complete]'],
])('breaks what a CI would obey in %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

it.each(['dial tcp [::1]:6443', 'listens on ::1', 'fd00::a', 'std::string', '## a heading [1]'])(
  'leaves %j, which is no command',
  (text) => {
    expect(printable(text)).toBe(text)
  },
)

it('leaves nothing that a CI would obey, wherever a line is broken, and changes nothing that it has given', () => {
  const parts = fc.constantFrom(':', '::', 'error', '#', '##', '[', ']', ' ', '\n', '\u0007', '\u001B[0m', '\u00A0')
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 20 }), (some) => {
      const shown = printable(some.join(''))
      for (const line of shown.split(/\s/)) expect(line).not.toMatch(/^::\w|##\w*\[/)
      expect(printable(shown)).toBe(shown)
    }),
  )
})
