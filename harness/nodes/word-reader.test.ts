import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { run } from '../process.ts'
import { readerThatSaid, shellQuoted, tellingCommand, wordsFor } from './word-reader.ts'

/** What ssh does with its words at the other end. */
const shell = ['sh', '-c', 'exec sh -c "$*"', 'ssh'] as const
const program = ['env'] as const

/** What a command that prints its words, each with an end that no word has, says through the prefix. */
async function printed([file, ...prefix]: readonly [string, ...string[]], words: readonly string[]) {
  const { stdout } = await run(file, [...prefix, ...words])
  return stdout.split('\0').slice(0, -1)
}

describe('wordsFor', () => {
  it('hands words to a program as they are', () => {
    expect(wordsFor('program', ['sh', '-c', 'a  b'])).toEqual(['sh', '-c', 'a  b'])
  })

  it('makes one word of them for a shell', () => {
    expect(wordsFor('shell', ['sh', '-c', "echo 'a  b'"])).toEqual([String.raw`'sh' '-c' 'echo '\''a  b'\'''`])
  })

  it('brings every word through either, whatever is in it', async () => {
    const word = fc
      .oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', ' ', "it's", '"', '$HOME', '`id`', '$(id)', '*', '~', 'a\nb', '\\', '--', '!!', '; exit 3'),
      )
      .filter((text) => !text.includes('\0') && text.isWellFormed())
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
        const command = ['printf', String.raw`%s\0`, ...words]
        expect(await printed(shell, wordsFor('shell', command))).toEqual(words)
        expect(await printed(program, wordsFor('program', command))).toEqual(words)
      }),
      { numRuns: 20 },
    )
  })
})

describe('shellQuoted', () => {
  it.each([
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", String.raw`'it'\''s'`],
  ])('%j is %s', (word, quoted) => {
    expect(shellQuoted(word)).toBe(quoted)
  })
})

describe('readerThatSaid', () => {
  it.each([
    ['program', program],
    ['shell', shell],
  ])('finds the %s that reads the words', async (reader, [file, ...prefix]) => {
    const { stdout } = await run(file, [...prefix, ...tellingCommand])
    expect(readerThatSaid(stdout)).toBe(reader)
  })

  it('finds nobody where something else was said', () => {
    expect(readerThatSaid('')).toBeNull()
    expect(readerThatSaid('Welcome to worker-1\ntwo blanks')).toBeNull()
  })
})
