import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { projectFolder } from '../harness/images/settings.ts'

const step = z.object({
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
})
const schema = z.object({ jobs: z.record(z.string(), z.object({ steps: z.array(step) })) })

/** The jobs that run clusters, each with the directory that its run writes into. */
const running = [
  ['nightly', 'leg', 'legs/$LEG'],
  ['suite', 'shard', 'shards/$SHARD'],
] as const

describe.each(running)('the job of the workflow %s that runs a %s', (name, job, out) => {
  const file = path.join(projectFolder, '.github/workflows', `${name}.yml`)
  const { steps } = schema.parse(parse(readFileSync(file, 'utf8'))).jobs[job] ?? { steps: [] }
  const by = (action: string) => steps.filter(({ uses }) => uses?.startsWith(`${action}@`) === true)

  it('uploads nothing that was not looked through for keys', () => {
    const scan = steps.findIndex(({ run }) => run?.includes(`npm run --silent scan -- "${out}"`) === true)
    const uploads = by('actions/upload-artifact')
    expect(scan).toBeGreaterThan(0)
    expect(uploads).toHaveLength(1)
    for (const upload of uploads) {
      expect(steps.indexOf(upload)).toBeGreaterThan(scan)
      expect(upload.if).toBe(`always() && steps.${steps[scan]?.id}.outcome == 'success'`)
    }
  })

  it('keeps no working files in a cache: of a run that was killed they have the keys', () => {
    const caches = [...by('actions/cache/restore'), ...by('actions/cache/save')]
    expect(caches).toHaveLength(2)
    for (const cache of caches) expect(cache.with?.['path']).toBe('.cache\n!.cache/clusterproof/work\n')
  })
})
