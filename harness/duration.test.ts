import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { formatDuration, parseDuration } from './duration.ts'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const part = fc.record({ amount: fc.nat(1_000), unit: fc.constantFrom(...(['ms', 's', 'm', 'h'] as const)) })
const duration = fc.array(part, { minLength: 1, maxLength: 4 })
const write = (parts: { amount: number; unit: string }[]) =>
  parts.map(({ amount, unit }) => `${amount}${unit}`).join('')

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['1h0m0.5s', 3_600_500],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['', ' ', '5', 's', '5 s', '5 minutes', '-5s', '5s ', '1e3s', '5S', '5d', '.s', '1.s', '5s5', 'x5s'])(
    'refuses %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow(RangeError)
      expect(() => parseDuration(text)).toThrow(`${JSON.stringify(text)} is not a duration such as`)
    },
  )

  it('refuses what no clock goes to: a sum of it would be infinite', () => {
    expect(parseDuration('8784h')).toBe(366 * 24 * 3_600_000)
    expect(() => parseDuration('8784h1ms')).toThrow('"8784h1ms" is longer than a year')
    expect(() => parseDuration(`${'9'.repeat(400)}s`)).toThrow(/^"9{60}…" is longer than a year$/)
  })

  it('says at once that a long text is none', () => {
    expect(() => parseDuration('1'.repeat(1_000_000))).toThrow(/^"1{60}…" is not a duration/)
  })

  it('is the sum of its parts', () => {
    fc.assert(
      fc.property(duration, (parts) => {
        const sum = parts.reduce((total, { amount, unit }) => total + amount * unitMs[unit], 0)
        expect(parseDuration(write(parts))).toBe(sum)
      }),
    )
  })

  it('adds up where two durations are written one after the other', () => {
    fc.assert(
      fc.property(duration, duration, (left, right) => {
        const [a, b] = [write(left), write(right)]
        expect(parseDuration(a + b)).toBe(parseDuration(a) + parseDuration(b))
      }),
    )
  })

  it('reads no other text as a duration', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)),
        (text) => {
          expect(() => parseDuration(text)).toThrow(RangeError)
        },
      ),
    )
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [400, '0.4 s'],
    [1_000, '1 s'],
    [59_840, '59.8 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [119_600, '2 min'],
    [900_000, '15 min'],
  ])('%d ms', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })

  it('says a time that is read back to a tenth of a second, from a minute on to a second', () => {
    fc.assert(
      fc.property(fc.nat(10 * 3_600_000), (milliseconds) => {
        const text = formatDuration(milliseconds)
        expect(text).toMatch(/^(\d+(\.\d)? s|\d+ min( [1-5]?\d s)?)$/)
        const read = parseDuration(text.replace(/ s$/, 's').replace(/ min ?/, 'm'))
        expect(Math.abs(read - milliseconds)).toBeLessThanOrEqual(milliseconds < 60_000 ? 50 : 500)
      }),
    )
  })
})
