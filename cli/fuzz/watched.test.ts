import { Worker } from 'node:worker_threads'

import { expect, it } from 'vitest'

import { watched } from './watched.ts'

const stillMs = 300

function work(code: string, heapMb = 64) {
  const tried = new SharedArrayBuffer(4)
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')\nAtomics.store(new Int32Array(workerData), 0, 6)\n${code}`,
    { eval: true, workerData: tried, resourceLimits: { maxOldGenerationSizeMb: heapMb } },
  )
  return watched(worker, new Int32Array(tried), { stillMs })
}

it('gives what the worker says', async () => {
  const answer = { inputs: 9, failure: null, warnings: 2, tookMs: 1 }
  expect(await work(`parentPort.postMessage(${JSON.stringify(answer)})`)).toEqual(answer)
})

it('tells of an input that never comes to an end', async () => {
  expect(await work('while (true);')).toMatchObject({
    inputs: 6,
    failure: expect.stringMatching(/^input 7 has not come to an end for \d+ s$/),
  })
})

it('tells of an input that takes all memory', async () => {
  const { failure } = await work('const all = []; while (true) all.push({ all: [...all] })', 16)
  expect(failure).toMatch(/^input 7 ends the process: .*memory/i)
})

it('tells of an input that ends the process', async () => {
  expect((await work('process.exit(3)')).failure).toBe('input 7 ends the process with exit code 3')
  expect((await work("throw new Error('gone')")).failure).toBe('input 7 ends the process: gone')
})
