import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { projectFolder } from '../harness/images/settings.ts'
import { plan } from './shard.ts'
import { shardsOptions } from './shards-options.ts'
import { testOptions } from './test-options.ts'

// It gives back what it is given, and brings all of vite with it.
vi.mock('vitest/config', () => ({ defineConfig: (config: unknown) => config }))

const stepSchema = z.object({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
})

const schema = z.object({
  on: z.object({ workflow_dispatch: z.object({ inputs: z.record(z.string(), z.object({ default: z.string() })) }) }),
  permissions: z.record(z.string(), z.string()),
  env: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      if: z.string().optional(),
      'timeout-minutes': z.number(),
      strategy: z.object({ 'fail-fast': z.boolean(), matrix: z.unknown() }).optional(),
      steps: z.array(stepSchema),
    }),
  ),
})

const workflow = schema.parse(parse(readFileSync(path.join(projectFolder, '.github/workflows/suite.yml'), 'utf8')))
const { shards, matrix } = workflow.on.workflow_dispatch.inputs
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)

/** What actionlint does not see: that the workflow and this tree fit each other. */
describe('the workflow of shards', () => {
  it('divides into as many parts for a pull request as by hand, and there are files enough', async () => {
    expect(matrix?.default).toBe('sample')
    expect(workflow.env).toEqual({
      SHARDS: `\${{ inputs.shards || '${shards?.default}' }}`,
      MATRIX: `\${{ inputs.matrix || (github.event_name == 'schedule' && 'whole' || '${matrix?.default}') }}`,
    })
    const options = {
      projects: ['unit', 'scenarios', 'counter', 'slow-host'],
      matrix: 'sample',
      weights: null,
    } as const
    expect((await plan(options, Number(shards?.default))).files.length).toBeGreaterThan(0)
  })

  it('calls commands as they are', () => {
    expect(steps.find(({ run }) => run?.includes('--print-shards'))?.run).toContain('--count "$SHARDS" --print-shards')
    expect(shardsOptions(['--count', '4', '--print-shards'], {})).toMatchObject({ count: 4, print: 'numbers' })
    const run = steps.find(({ name }) => name === 'Run the shard')?.run ?? ''
    expect(run).toContain('cli/test.ts --shard "$SHARD/$SHARDS" --out "shards/$SHARD"')
    expect(run).toContain('[ "$MATRIX" = sample ] || matrix=(--whole-matrix)')
    const words = ['--shard', '1/4', '--out', 'shards/1']
    expect(testOptions(words, {})).toMatchObject({ shard: { index: 1, count: 4 }, matrix: 'sample' })
    expect(testOptions([...words, '--whole-matrix'], {})).toMatchObject({ shard: { index: 1 }, matrix: 'whole' })
  })

  it('lets no shard end another, and reports also of those that failed', () => {
    expect(workflow.jobs['shard']?.strategy?.['fail-fast']).toBe(false)
    expect(workflow.jobs['report']?.if).toMatch(/^always\(\) && /)
    expect(workflow.jobs['report']?.steps.find(({ name }) => name === 'Quality gate')?.if).toBe('always()')
  })

  it('may read the sources and no more, takes actions of a known version, and puts nothing typed in into a shell', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+(\/[a-z-]+)?@v\d+$/)
    for (const { run } of steps) expect(run ?? '').not.toContain('${{')
  })
})
