import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import type { JournalSource } from '../harness/journal.ts'
import { JournalTail } from './journal-tail.ts'

let directory: string

beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), 'tail-')), 'journal')
})
afterEach(() => {
  rmSync(path.dirname(directory), { recursive: true })
})

function line(kind: string, source: JournalSource = 'fault', subject = 'node/a'): string {
  return `${JSON.stringify({ t: 1, at: '2026-01-01T00:00:00.000Z', source, kind, subject })}\n`
}

function append(text: string | Buffer, name = 'a-abcd1234.jsonl'): void {
  mkdirSync(directory, { recursive: true })
  appendFileSync(path.join(directory, name), text)
}

function tail(): JournalTail {
  return new JournalTail(directory, 'abcd1234', ['fault', 'scenario'])
}

function kinds(of: JournalTail): string[] {
  return of.read().flatMap(({ records }) => records.map(({ kind }) => kind))
}

it('reads what was appended since, from the first line of files that come later', () => {
  const followed = tail()
  expect(kinds(followed)).toEqual([])
  append(line('one'))
  expect(kinds(followed)).toEqual(['one'])
  expect(kinds(followed)).toEqual([])
  append(line('two'))
  append(line('three'), 'b-abcd1234.attached-4711.jsonl')
  expect(followed.read().map(({ journal }) => journal)).toEqual(['a-abcd1234.jsonl', 'b-abcd1234.attached-4711.jsonl'])
})

it('waits for the rest of a line that is half written, also within a character', () => {
  const followed = tail()
  const bytes = Buffer.from(line('struck', 'fault', 'node/ü'))
  const middle = bytes.indexOf('ü') + 1
  append(bytes.subarray(0, middle))
  expect(kinds(followed)).toEqual([])
  append(bytes.subarray(middle))
  expect(followed.read()[0]?.records[0]?.subject).toBe('node/ü')
})

it('passes over other sources, damaged lines, and the journals of other runs', () => {
  append(`${line('one')}${line('MODIFIED', 'api-watch')}{"t":1,"source":"fault"\n\n${line('two')}`)
  append(line('other'), 'a-other000.jsonl')
  append(line('other'), 'a-abcd1234.txt')
  expect(kinds(tail())).toEqual(['one', 'two'])
})

it('goes on where a file is taken away', () => {
  const followed = tail()
  append(line('one'))
  expect(kinds(followed)).toEqual(['one'])
  rmSync(path.join(directory, 'a-abcd1234.jsonl'))
  expect(kinds(followed)).toEqual([])
  writeFileSync(path.join(directory, 'b-abcd1234.jsonl'), line('two'))
  expect(kinds(followed)).toEqual(['two'])
})
