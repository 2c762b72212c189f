import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { budget } from './budgets/budget.ts'
import { eventually, type Expectation, ExpectationFailed, never } from './eventually.ts'
import type { Diagnosis, ExpectationResult } from './verdict.ts'

/** The clock of these tests. It stands still but for the pauses between two looks, and for what a probe takes. */
const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

const unhandled: unknown[] = []
const listener = (reason: unknown) => void unhandled.push(reason)
let results: ExpectationResult[]
let observed: string[]
let begun: Omit<ExpectationResult, 'tookMs'>[]

beforeEach(() => {
  time.now = 0
  results = []
  observed = []
  begun = []
  process.on('unhandledRejection', listener)
})
afterEach(async () => {
  // A rejection that nobody handles is told of once the queue of microtasks is empty.
  await new Promise((resolve) => void setImmediate(resolve))
  process.off('unhandledRejection', listener)
  expect(unhandled.splice(0)).toEqual([])
})

const context = {
  now: () => time.now,
  begin: (wait: Omit<ExpectationResult, 'tookMs'>) => void begun.push(wait),
  observe: (name: string, observation: string) => void observed.push(`${name}: ${observation}`),
  record: (result: ExpectationResult) => void results.push(result),
}
const within = (ms: number) => budget({ name: 'limit', ms, source: 'test' })
const cause: Diagnosis = { code: 'x.y', summary: 's', remedies: [], upstream: [] }

async function failureOf(promise: Promise<unknown>): Promise<ExpectationFailed> {
  const error = await promise.then(
    (value) => new Error(`it came to ${String(value)}`),
    (reason: unknown) => reason,
  )
  if (error instanceof ExpectationFailed) return error
  throw error
}

describe('eventually', () => {
  it('says what it waits for before it has looked', async () => {
    const probe = () => {
      expect(begun).toEqual([
        { name: 'ready', budget: expect.stringContaining('limit 1 s'), withinMs: 1_000, since: 0 },
      ])
      return Promise.resolve(true)
    }
    await eventually(context, 'ready', { probe, until: Boolean, within: within(1_000) })
    expect(results).toHaveLength(1)
  })

  /** Becomes true at a moment; each look takes some time. */
  const trueAt = (moment: number, takes = 0): Pick<Expectation<number>, 'probe' | 'until'> => ({
    probe: () => {
      time.now += takes
      return Promise.resolve(time.now)
    },
    until: (at) => at >= moment,
  })

  it('returns the value that made it so, and records the time since the event', async () => {
    time.now = 5_000
    const value = await eventually(context, 'it runs', { ...trueAt(6_000), within: within(3_000), since: 4_500 })
    expect(value).toBe(6_000)
    expect(results).toEqual([
      { name: 'it runs', budget: '3 s = limit 3 s (test)', withinMs: 3_000, tookMs: 1_500, since: 4_500 },
    ])
  })

  it('counts from now where no event is named', async () => {
    time.now = 5_000
    await eventually(context, 'it runs', { ...trueAt(0), within: within(3_000) })
    expect(results[0]).toMatchObject({ since: 5_000, tookMs: 0 })
  })

  it('holds just what was true in time', async () => {
    const moments = fc.record({
      moment: fc.nat(5_000),
      takes: fc.nat(400),
      limit: fc.integer({ min: 1, max: 5_000 }),
      since: fc.nat(9_000),
    })
    await fc.assert(
      fc.asyncProperty(moments, async ({ moment, takes, limit, since }) => {
        time.now = since
        results = []
        const waited = eventually(context, 'x', { ...trueAt(since + moment, takes), within: within(limit), since })
        const failed = await waited.then(
          () => false,
          () => true,
        )
        // One look may have begun just before it became true; the next one comes 250 ms after that look's end.
        if (moment + 250 + 2 * takes <= limit) expect(failed).toBe(false)
        if (moment > limit) expect(failed).toBe(true)
        expect(results).toHaveLength(1)
        const { tookMs } = results[0] ?? {}
        if (failed) expect(tookMs).toBeNull()
        else expect(tookMs).toSatisfy((took: number) => took >= moment && took <= limit)
        // Nor does it wait on: it is over when the last look is.
        expect(time.now - since).toBeLessThanOrEqual(Math.max(limit + takes, takes))
      }),
    )
  })

  it('fails where it comes true too late', async () => {
    const failure = await failureOf(eventually(context, 'x', { ...trueAt(0, 1_001), within: within(1_000) }))
    expect(failure.message).toContain('at 1.0 s: 1001')
    expect(results).toMatchObject([{ tookMs: null }])
  })

  it('looks once where the time is over already, and fails', async () => {
    time.now = 10_000
    const failure = await failureOf(eventually(context, 'x', { ...trueAt(0), within: within(1_000), since: 0 }))
    expect(failure.message).toContain('at 10.0 s: 10000')
  })

  it('holds what comes true in the last moment', async () => {
    await eventually(context, 'x', { ...trueAt(0, 1_000), within: within(1_000) })
    expect(results).toMatchObject([{ tookMs: 1_000 }])
  })

  it('cuts off a probe that hangs, and tells it so', async () => {
    time.now = 60_000
    let told: AbortSignal | undefined
    const probe = (signal: AbortSignal) => {
      told = signal
      return new Promise<never>(() => undefined)
    }
    const failure = await failureOf(eventually(context, 'x', { probe, until: () => true, within: within(5) }))
    expect(told?.aborted).toBe(true)
    expect(failure.message).toContain('failed: no answer within 5 ms')
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('connection refused'))],
    [
      'throws',
      () => {
        throw new Error('connection refused')
      },
    ],
  ])('asks a probe again that %s, and keeps what it said', async (_, fail) => {
    let looks = 0
    const probe = () => {
      looks += 1
      return looks <= 3 ? fail() : Promise.resolve('up')
    }
    const value = await eventually(context, 'the API', {
      probe,
      until: (state) => state === 'up',
      within: within(3_000),
    })
    expect(value).toBe('up')
    expect(observed).toEqual(['the API: failed: connection refused', 'the API: "up"'])
  })

  it('leaves nothing behind that is rejected later where a probe throws at once', async () => {
    const probe = () => {
      throw new Error('gone')
    }
    await failureOf(eventually(context, 'x', { probe, until: () => true, within: within(2) }))
    // Longer than the probe's limit, which ends when the budget does.
    await new Promise((resolve) => void setTimeout(resolve, 10))
    expect(unhandled).toEqual([])
  })

  it('takes a condition that throws as one that does not hold', async () => {
    const until = () => {
      throw new TypeError('no such field')
    }
    const failure = await failureOf(
      eventually(context, 'x', { probe: () => Promise.resolve(1), until, within: within(1) }),
    )
    expect(failure.message).toContain('failed: no such field')
  })

  it('ends its message with the last observations, equal ones counted', async () => {
    const states = ['a', 'b', 'c', 'd', 'e', 'f', 'f', 'f']
    let look = 0
    const failure = await failureOf(
      eventually(context, 'kube-proxy runs', {
        probe: () => Promise.resolve(states[look++]),
        until: () => false,
        within: within(states.length * 250),
        describe: (state) => `phase ${state}`,
      }),
    )
    expect(failure.message).toBe(
      [
        'kube-proxy runs: not within 2 s',
        '  budget: 2 s = limit 2 s (test)',
        '  last observations:',
        '    at 0.3 s: phase b',
        '    at 0.5 s: phase c',
        '    at 0.8 s: phase d',
        '    at 1.0 s: phase e',
        '    at 1.3 s: phase f (3 times)',
      ].join('\n'),
    )
    expect(failure).toMatchObject({ name: 'ExpectationFailed', failedAt: 2_000, diagnosis: null })
    expect(failure.result).toEqual(results[0])
    expect(observed).toHaveLength(6)
  })

  it('says nothing long of a long value', async () => {
    const probe = () => Promise.resolve('x'.repeat(10_000))
    const failure = await failureOf(eventually(context, 'x', { probe, until: () => false, within: within(1) }))
    expect(failure.message.length).toBeLessThan(600)
  })

  it('asks for the cause only once it is late, with the last value', async () => {
    const diagnose = vi.fn<(last: number | undefined) => Diagnosis>(() => cause)
    await eventually(context, 'x', { ...trueAt(500), within: within(1_000), diagnose })
    expect(diagnose).not.toHaveBeenCalled()
    const failure = await failureOf(eventually(context, 'x', { ...trueAt(9_000), within: within(1_000), diagnose }))
    expect(failure.diagnosis).toBe(cause)
    expect(diagnose).toHaveBeenCalledExactlyOnceWith(1_250)
  })

  it('asks for the cause again where a request of the diagnosis broke off', async () => {
    const diagnose = vi
      .fn<() => Promise<Diagnosis>>(() => Promise.resolve(cause))
      .mockRejectedValueOnce(new Error('no answer within 5000 ms'))
    const failure = await failureOf(eventually(context, 'x', { ...trueAt(9_000), within: within(1), diagnose }))
    expect(failure).toMatchObject({ diagnosis: cause, undiagnosed: null })
    expect(diagnose).toHaveBeenCalledTimes(2)
  })

  it('fails all the same where the cause cannot be told, and says why it cannot', async () => {
    const diagnose = vi.fn<() => Promise<never>>(() => Promise.reject(new Error('docker exec timed out')))
    const failure = await failureOf(eventually(context, 'x', { ...trueAt(9_000), within: within(1), diagnose }))
    expect(failure).toMatchObject({ diagnosis: null, undiagnosed: 'docker exec timed out' })
    expect(diagnose).toHaveBeenCalledTimes(3)
    expect(failure.message).toMatch(/no diagnosis: docker exec timed out\n {2}last observations:\n {4}at 0\.0 s: 0$/)
  })
})

describe('a deadline that the host may excuse', () => {
  const half = { keptMs: (since: number, until: number) => (until - since) / 2, slowness: () => null }
  const trueAt = (at: number): Expectation<boolean> => ({
    probe: () => Promise.resolve(time.now >= at),
    until: (there) => there,
    within: within(1_000),
  })
  const missed = (expectation: Expectation<boolean>) =>
    failureOf(eventually({ ...context, host: half }, 'ready', expectation))

  it('is told by the time that the cluster had for itself', async () => {
    expect(await missed(trueAt(1_500))).toMatchObject({
      excuse: 'it came true after 1.5 s, and others had the processors for 0.8 s of them',
      excusable: false,
      result: { tookMs: null },
    })
    expect(await missed(trueAt(5_000))).toMatchObject({ excuse: null, excusable: false })
  })

  it('is watched on while its cause is looked for, and what failed is kept at once', async () => {
    const kept: number[] = []
    const diagnose = async () => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
      return cause
    }
    const host = { ...context, host: half, missed: () => Promise.resolve(kept.push(time.now)) }
    const error = await failureOf(eventually(host, 'ready', { ...trueAt(1_500), diagnose }))
    expect(error).toMatchObject({ diagnosis: cause, excuse: expect.stringContaining('came true') })
    expect(kept).toEqual([1_000])
  })

  it('is no matter of processors where a timer brings what is waited for', async () => {
    expect(await missed({ ...trueAt(1_500), byTimer: true })).toMatchObject({ excuse: null, excusable: true })
    expect(time.now).toBe(1_000)
  })
})

describe('never', () => {
  /** Work that is done at the given look; a later look would be one too many. */
  function work(looks: number) {
    const done = Promise.withResolvers<void>()
    let count = 0
    const look = () => {
      count += 1
      if (count === looks) done.resolve()
      return count
    }
    return { look, while: done.promise }
  }

  it('says what it watches for before it has looked', async () => {
    const done = Promise.withResolvers<void>()
    const probe = () => {
      expect(begun).toEqual([{ name: 'x', budget: 'never', withinMs: 0, since: 0 }])
      done.resolve()
      return Promise.resolve(false)
    }
    await never(context, 'x', { probe, until: Boolean, while: done.promise })
    expect(results).toHaveLength(1)
  })

  it('holds where it never came true while the work went on', async () => {
    const { look, while: working } = work(4)
    await never(context, 'no request is lost', {
      probe: () => Promise.resolve(look()),
      until: (n) => n > 4,
      while: working,
    })
    expect(results).toEqual([{ name: 'no request is lost', budget: 'never', withinMs: 0, tookMs: 0, since: 0 }])
  })

  it('counts from where it began', async () => {
    time.now = 5_000
    const { look, while: working } = work(9)
    const watched = never(context, 'x', { probe: () => Promise.resolve(look()), until: (n) => n === 3, while: working })
    expect((await failureOf(watched)).message).toMatch(/^x: it did, after 0.5 s\n/)
  })

  it('leaves nothing behind where the work fails while a probe is asked', async () => {
    const probe = () => new Promise<boolean>((resolve) => void setTimeout(() => resolve(false), 10))
    const working = Promise.reject(new Error('the work failed'))
    await expect(never(context, 'x', { probe, until: Boolean, while: working })).rejects.toThrow('the work failed')
    expect(unhandled).toEqual([])
  })

  it('fails as soon as it came true, before the work is done', async () => {
    const { look, while: working } = work(9)
    const watched = never(context, 'x', {
      probe: () => Promise.resolve(look()),
      until: (n) => n === 3,
      while: working,
      diagnose: () => cause,
    })
    const failure = await failureOf(watched)
    expect(failure).toMatchObject({
      diagnosis: cause,
      failedAt: 500,
      result: { budget: 'never', withinMs: 0, tookMs: null },
    })
    expect(failure.message).toBe(
      ['x: it did, after 0.5 s', '    at 0.0 s: 1', '    at 0.3 s: 2', '    at 0.5 s: 3'].join('\n'),
    )
    expect(results).toEqual([failure.result])
  })

  it('looks on where one look fails', async () => {
    const { look, while: working } = work(9)
    const probe = () => (look() === 1 ? Promise.reject(new Error('refused')) : Promise.resolve(true))
    const failure = await failureOf(never(context, 'x', { probe, until: Boolean, while: working }))
    expect(failure.message).toContain('failed: refused')
  })

  it('says nothing where it saw nothing', async () => {
    const { look, while: working } = work(3)
    const probe = () => Promise.reject(new Error(`refused ${look()}`))
    const watched = never(context, 'x', { probe, until: () => true, while: working })
    await expect(watched).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringMatching(/nothing was seen[^]*refused 3/),
    })
    expect(results).toEqual([])
  })

  it.each([
    ['between two looks', 1],
    ['until the work was done', 0],
  ])('says nothing where it saw nothing for too long %s', async (_, answers) => {
    const { look, while: working } = work(3 + answers)
    const probe = () => {
      if (look() !== 2) return Promise.resolve(false)
      time.now += 31_000
      return Promise.reject(new Error('refused'))
    }
    const watched = never(context, 'x', { probe, until: Boolean, while: working })
    await expect(watched).rejects.toThrow(/^x: nothing was seen for 31\.\d s, so that nothing can be said/)
    expect(results).toEqual([])
  })

  it('fails with the work where that fails', async () => {
    const probe = () => Promise.resolve(false)
    const working = Promise.reject(new Error('the work failed'))
    await expect(never(context, 'x', { probe, until: Boolean, while: working })).rejects.toThrow('the work failed')
    expect(results).toEqual([])
  })
})
