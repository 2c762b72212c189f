import { expect, it, vi } from 'vitest'

import type { Verdicts } from '../harness/verdict.ts'
import { formatsOf } from './formats.ts'

const verdicts: Verdicts = {
  schema: 1,
  run: { id: 'abcd1234', startedAt: '', finishedAt: null, host: { platform: '', cpus: 1, memoryBytes: 1 } },
  verdicts: [],
}

it('returns the files that were written', async () => {
  expect(await formatsOf(verdicts, '/out', vi.fn(), () => Promise.resolve(['/out/junit.xml']))).toEqual([
    '/out/junit.xml',
  ])
})

it('says that they could not be, and goes on', async () => {
  const complain = vi.fn<(text: string) => void>()
  expect(await formatsOf(verdicts, '/out', complain, () => Promise.reject(new Error('disk full')))).toEqual([])
  expect(complain).toHaveBeenCalledWith(expect.stringContaining('disk full'))
})
