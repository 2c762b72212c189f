import { describe, expect, it } from 'vitest'

import { exitCodeOf, formatError, UserError } from './user-error.ts'

const noEngine = new UserError('no Docker engine answers at unix:///nowhere.sock', {
  hint: 'Start it: ./setup',
  cause: new Error('connect ENOENT', { cause: 'no such file' }),
})

describe('formatError', () => {
  it('says what happened, why, and what to do', () => {
    expect(formatError(noEngine)).toBe(
      [
        'error: no Docker engine answers at unix:///nowhere.sock',
        '  because: connect ENOENT',
        '  because: no such file',
        '  what to do: Start it: ./setup',
      ].join('\n'),
    )
  })

  it('shows no stack without debug, for any error', () => {
    for (const error of [noEngine, new TypeError('x is not a function'), new Error(''), 'a string', undefined]) {
      expect(formatError(error)).not.toMatch(/\n\s+at /)
    }
  })

  it('shows the stack with debug', () => {
    expect(formatError(noEngine, { debug: true })).toMatch(/\n\s+at .*user-error\.test\.ts/)
  })

  it('says no cause twice', () => {
    const error = new UserError('pull failed: no such host', { hint: 'h', cause: new Error('no such host') })
    expect(formatError(error)).toBe('error: pull failed: no such host\n  what to do: h')
  })

  it('ends with causes that go in a circle', () => {
    const [first, second] = [new Error('first'), new Error('second')]
    first.cause = second
    second.cause = first
    expect(formatError(first)).toContain('because: second')
  })
})

describe('exitCodeOf', () => {
  it('is the one of the error, and 3 for what nobody foresaw', () => {
    expect(exitCodeOf(new UserError('m', { hint: 'h', exitCode: 2 }))).toBe(2)
    expect(exitCodeOf(noEngine)).toBe(3)
    expect(exitCodeOf(new TypeError('m'))).toBe(3)
  })
})
