import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { asExpected, type Diagnosis, exitCode, type Outcome, outcomes, verdictsSchema } from './verdict.ts'

const because = (code: string): Diagnosis => ({ code, summary: '', remedies: [], upstream: [] })
const reached = (...all: Outcome[]) => all.map((outcome) => ({ outcome }))

describe('asExpected', () => {
  const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const

  it.each([
    ['conforms', null, null, true],
    ['violates', because('any'), null, false],
    ['inconclusive', null, null, false],
    ['skipped', null, null, true],
    ['violates', because('recovery.daemonset-backoff'), declared, true],
    ['violates', because('recovery.daemonset-stuck'), declared, false],
    ['violates', null, declared, false],
    ['conforms', null, declared, false],
    ['inconclusive', null, declared, false],
    ['inconclusive', because('recovery.daemonset-backoff'), declared, false],
    ['skipped', null, declared, true],
    ['inconclusive', null, { outcome: 'inconclusive', diagnosis: '', reason: 'no trace' } as const, true],
    ['inconclusive', null, { outcome: 'inconclusive', diagnosis: '', reason: 'the host' } as const, false],
  ] as const)('%s, diagnosis %o, expected %o: %s', (outcome, diagnosis, expected, answer) => {
    expect(asExpected({ outcome, reason: 'there was no trace of it', diagnosis, expected })).toBe(answer)
  })
})

describe('exitCode', () => {
  it.each([
    [reached('conforms', 'conforms'), 0],
    [reached('conforms', 'skipped'), 0],
    [reached('conforms', 'inconclusive'), 3],
    [reached('skipped'), 3],
    [reached(), 3],
    [reached('inconclusive', 'violates', 'conforms'), 1],
  ] as const)('of %o is %d', (verdicts, code) => {
    expect(exitCode(verdicts)).toBe(code)
  })

  it('follows its words, in whatever order the verdicts came', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...outcomes)), (all) => {
        const code = exitCode(reached(...all))
        expect(exitCode(reached(...all.toReversed()))).toBe(code)
        expect(code === 1).toBe(all.includes('violates'))
        if (code === 0) expect(new Set(all).difference(new Set(['conforms', 'skipped']))).toEqual(new Set())
        if (code === 0) expect(all).toContain('conforms')
      }),
    )
  })
})

/** A document with everything that there may be in one. */
const document = () => ({
  schema: 1,
  run: {
    id: 'abcd1234',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: null,
    host: { platform: 'linux x64', cpus: 2, memoryBytes: 4 },
  },
  verdicts: [
    {
      scenario: 'recovery.power-cut',
      cluster: 'kind',
      distribution: { name: 'kind', version: '0.33.0', kubernetes: 'v1.34.4' },
      outcome: 'violates',
      reason: 'not within 60 s',
      expected: { outcome: 'violates', diagnosis: 'a.b' },
      diagnosis: { code: 'a.b', summary: 's', remedies: ['r'], upstream: ['u'] },
      expectations: [{ name: 'it runs', budget: '1 s', withinMs: 1_000, tookMs: 0, since: 7 }],
      faults: [{ name: 'reboot', node: 'worker', injectedAt: 0, healedAt: 9 }],
      measurements: [{ name: 'gap', value: -1, unit: 'ms' }],
      journal: 'journal/a.jsonl',
      bundle: null,
    },
  ],
})

/** Where every field of a value stands, those of lists by their numbers. */
function places(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...places(inner, [...path, key])])
}

/** The document with another value in one place. */
function changed([key = '', ...rest]: readonly string[], value: unknown, within: object = document()): unknown {
  if (Array.isArray(within))
    return within.map((item, index) => (String(index) === key ? changed(rest, value, item) : item))
  const inner: unknown = Reflect.get(within, key)
  return {
    ...within,
    [key]: rest.length > 0 && typeof inner === 'object' && inner !== null ? changed(rest, value, inner) : value,
  }
}

describe('verdictsSchema', () => {
  const fields = places(document()).filter((path) => !/^\d+$/.test(path.at(-1) ?? ''))
  const refuses = (value: unknown) => !verdictsSchema.safeParse(value).success

  it('keeps all that a document says, and leaves out what it does not know', () => {
    expect(verdictsSchema.parse(document())).toEqual(document())
    expect(verdictsSchema.parse({ ...document(), more: 1 })).toEqual(document())
    const plan = [{ file: 'a.suite.ts', shard: 1, scenarios: ['a.one'] }]
    const part = { ...document().run, shard: { index: 1, count: 2, plan }, files: [{ file: 'a.suite.ts', tookMs: 5 }] }
    expect(verdictsSchema.parse({ ...document(), run: part }).run).toEqual(part)
  })

  it.each(fields.map((path) => [path.join('.'), path] as const))('needs %s, and of its kind', (_, path) => {
    expect(refuses(changed(path, undefined))).toBe(true)
    expect(refuses(changed(path, Symbol('no such kind')))).toBe(true)
  })

  it('takes no time from before the run began', () => {
    for (const field of ['since', 'withinMs', 'tookMs']) {
      expect(
        refuses(
          changed(['verdicts', '0', 'expectations'], [{ ...document().verdicts[0]?.expectations[0], [field]: -1 }]),
        ),
      ).toBe(true)
    }
    for (const field of ['injectedAt', 'healedAt']) {
      expect(
        refuses(changed(['verdicts', '0', 'faults'], [{ ...document().verdicts[0]?.faults[0], [field]: -1 }])),
      ).toBe(true)
    }
  })

  it('is of one version', () => {
    expect(refuses(changed(['schema'], 2))).toBe(true)
  })
})
