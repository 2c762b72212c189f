import { parentPort, workerData } from 'node:worker_threads'

import { campaigns } from './campaigns.ts'
import { useScratch } from './scratch.ts'
import type { Answer, Assignment } from './watched.ts'

// What `watched` was given.
const { name, inputs, seed, folder, tried } = workerData as Assignment
useScratch(folder)
const count = new Int32Array(tried)

// A fold that cannot go on says so on stderr, and the report does without it: of a damaged journal that is as it should be.
let warnings = 0
console.error = () => void (warnings += 1)

const campaign = campaigns.find((each) => each.name === name)
if (campaign === undefined) throw new RangeError(`there is no campaign ${name}`)
const began = performance.now()
const result = await campaign.run({ inputs, seed, tried: () => void Atomics.add(count, 0, 1) })
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
parentPort?.postMessage({ ...result, warnings, tookMs: performance.now() - began } satisfies Answer)
