import { afterEach, expect, it, vi } from 'vitest'

import { EndingSignals } from './ending-signals.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** What was said, and the exit codes that the process was ended with, in place of ending it. */
function watched() {
  const said: string[] = []
  const exits: unknown[] = []
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    exits.push(code)
    // It does not return, and here it has to.
    return undefined as never
  })
  const options = { ending: 'ending the leg', complain: (text: string) => void said.push(text) }
  return { options, said, exits }
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('says and keeps that %s has come, which npm may repeat', (signal, exitCode) => {
  const { options, said, exits } = watched()
  using signals = new EndingSignals(options)
  expect(signals.interruption).toBeNull()
  process.emit(signal, signal)
  process.emit('SIGTERM', 'SIGTERM')
  expect(signals.interruption).toEqual({ signal, exitCode })
  expect(signals.interrupted).toMatchObject({ aborted: true, reason: new Error(`ended by ${signal}`) })
  expect([said, exits]).toEqual([[`\n${signal}: ending the leg …`], []])
})

it('ends at once on a second one, whichever that is', () => {
  const { options, said, exits } = watched()
  using _ = new EndingSignals(options)
  process.emit('SIGINT', 'SIGINT')
  const since = Date.now()
  vi.spyOn(Date, 'now').mockReturnValue(since + 2_000)
  process.emit('SIGTERM', 'SIGTERM')
  expect(said[1]).toMatch(/^SIGTERM again: .*npm run sweep/)
  expect(exits).toEqual([143])
})

it('listens no longer than it is used', () => {
  const before = process.listenerCount('SIGHUP')
  {
    using _ = new EndingSignals(watched().options)
    expect(process.listenerCount('SIGHUP')).toBe(before + 1)
  }
  expect(process.listenerCount('SIGHUP')).toBe(before)
})
