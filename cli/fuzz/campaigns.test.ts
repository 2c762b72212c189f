import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { parseDefinition } from '../../harness/definition-file.ts'
import { UserError } from '../../harness/user-error.ts'
import { campaign } from './campaign.ts'
import { campaigns } from './campaigns.ts'
import { damaged, damages } from './damage.ts'
import { checkDefinition } from './definitions.ts'
import { useScratch } from './scratch.ts'

vi.mock('../../harness/definition-file.ts', { spy: true })

describe('the campaigns of npm run fuzz', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-fuzz-'))
    useScratch(folder)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it.each(campaigns.map((each) => [each.name, each] as const))('%s: a few inputs', async (_, { run }) => {
    expect(await run({ inputs: 60, seed: Date.now() % 2 ** 31 })).toEqual({ inputs: 60, failure: null })
  })

  it('divide all inputs among them', () => {
    expect(campaigns.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    expect(new Set(campaigns.map(({ name }) => name)).size).toBe(campaigns.length)
  })
})

describe('campaign', () => {
  const of = (check: (input: number) => void) =>
    campaign({ name: 'x', subject: 'numbers', share: 1, inputs: fc.nat(1_000), check })

  it('shows the smallest input that is wrong, why, and that the same seed finds it again', async () => {
    const small = of((input) => {
      if (input >= 10) throw new Error('too large', { cause: 'a reason' })
    })
    const found = await small.run({ inputs: 100, seed: 7 })
    expect(found.failure).toContain('Counterexample: [10]')
    expect(found.failure).toMatch(/too large[^]*a reason/)
    expect(await small.run({ inputs: 100, seed: 7 })).toMatchObject({ inputs: found.inputs })
  })

  it('tells of each input', async () => {
    const tried = vi.fn<() => void>()
    await of(() => undefined).run({ inputs: 5, seed: 1, tried })
    expect(tried).toHaveBeenCalledTimes(5)
  })
})

describe('checkDefinition', () => {
  const sound = '{"name":"x","provider":"kind","nodes":[{"name":"cp","roles":["control-plane"]}]}'

  it.each([
    ['that is no message to a user', () => new TypeError('x is not a function'), 'none of the project'],
    ['that says nothing of the place', () => refusal('something is wrong'), 'not said where'],
    ['that names a line that is not there', () => refusal('fuzzed.yaml:9:1: name: wrong'), 'there is no line 9'],
    ['that a terminal would obey', () => refusal('fuzzed.yaml:1:1: \u001b[2J'), 'cannot show'],
    ['that is endless', () => refusal(`fuzzed.yaml:1:1: ${'x'.repeat(1_000)}`), 'cannot show'],
  ])('notices an error %s', (_, error, said) => {
    const thrown = error()
    vi.mocked(parseDefinition).mockImplementationOnce(() => {
      throw thrown
    })
    expect(() => checkDefinition(sound)).toThrow(said)
  })

  it('notices a definition that is another one when it is read again', () => {
    const definition = parseDefinition(sound, 'x')
    vi.mocked(parseDefinition)
      .mockReturnValueOnce(definition)
      .mockReturnValueOnce({ ...definition, name: 'y' })
    expect(() => checkDefinition(sound)).toThrow('another one')
  })
})

describe('damaged', () => {
  it('does what it says', () => {
    const text = 'abcdefgh'
    const after = (kind: 'flip' | 'cut off' | 'drop' | 'repeat' | 'insert') =>
      damaged(Buffer.from(text), [{ kind, at: 32_768, length: 0, what: 0 }], ['+']).toString()
    expect(after('flip')).toBe('abcddfgh')
    expect(after('cut off')).toBe('abcd')
    expect(after('drop')).toBe('abcdfgh')
    expect(after('repeat')).toBe('abcdeefgh')
    expect(after('insert')).toBe('abcd+efgh')
  })

  it('does as well to nothing, and makes little of little', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), damages, (bytes, all) => {
        expect(damaged(Buffer.from(bytes), all, ['+']).length).toBeLessThanOrEqual(bytes.length + all.length * 201)
      }),
    )
  })
})

function refusal(message: string): UserError {
  return new UserError(message, { exitCode: 2, hint: 'x' })
}
