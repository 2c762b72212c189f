import { expect, it } from 'vitest'

import { isLive } from './run-display.ts'

const terminal = { isTTY: true }

it('shows the live view on a terminal', () => {
  expect(isLive(terminal, true, { TERM: 'xterm-256color', CI: 'false', NO_COLOR: '' })).toBe(true)
})

it.each([
  ['no terminal', {}, true, {}],
  ['--no-tty', terminal, false, {}],
  ['CI', terminal, true, { CI: 'true' }],
  ['NO_COLOR', terminal, true, { NO_COLOR: '1' }],
  ['a terminal that cannot move its cursor', terminal, true, { TERM: 'dumb' }],
])('writes plain lines with %s', (_, stream, wanted, env) => {
  expect(isLive(stream, wanted, env)).toBe(false)
})
