import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { projectFolder } from '../harness/images/settings.ts'
import { planLegs } from './matrix-legs.ts'
import { scenarioFiles, selectScenarios } from './scenario-names.ts'

const stepSchema = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
})

const jobSchema = z.object({
  'timeout-minutes': z.number(),
  strategy: z.object({ 'fail-fast': z.boolean() }).optional(),
  steps: z.array(stepSchema),
})

const schema = z.object({
  on: z.object({ workflow_dispatch: z.object({ inputs: z.record(z.string(), z.object({ default: z.string() })) }) }),
  permissions: z.record(z.string(), z.string()),
  env: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), jobSchema),
})

const workflow = schema.parse(parse(readFileSync(path.join(projectFolder, '.github/workflows/nightly.yml'), 'utf8')))
const inputs = Object.fromEntries(
  Object.entries(workflow.on.workflow_dispatch.inputs).map(([name, { default: value }]) => [name, value]),
)
const { clusters = '', kubernetes = '', scenario = '' } = inputs

/** What actionlint does not see: that the workflow and this tree fit each other. */
describe('the nightly workflow', () => {
  it('has legs that can be, and scenarios that there are', () => {
    expect(planLegs(clusters.split(','), kubernetes.split(',')).length).toBeGreaterThan(1)
    expect(selectScenarios(scenario, scenarioFiles()).names).not.toEqual([])
  })

  it('runs every night what it runs by hand', () => {
    expect(workflow.env).toEqual({
      CLUSTERS: `\${{ inputs.clusters || '${clusters}' }}`,
      VERSIONS: `\${{ inputs.kubernetes || '${kubernetes}' }}`,
      SCENARIO: `\${{ inputs.scenario || '${scenario}' }}`,
    })
  })

  it('may read the sources and no more, and lets no leg end another', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(workflow.jobs['leg']?.strategy).toEqual({ 'fail-fast': false })
  })

  it('keeps what it has taken from a cache also where a leg or the quality gate fails', () => {
    for (const job of ['leg', 'report']) {
      const steps = workflow.jobs[job]?.steps ?? []
      const at = (action: string) => steps.findIndex(({ uses }) => uses?.startsWith(`${action}@`) === true)
      const [taken, kept] = [steps[at('actions/cache/restore')], steps[at('actions/cache/save')]]
      // That action keeps nothing unless the whole job succeeds.
      expect(at('actions/cache')).toBe(-1)
      expect(kept?.if).toMatch(/^always\(\) && /)
      expect(kept?.with).toEqual({
        path: taken?.with?.['path'],
        key: `\${{ steps.${taken?.id}.outputs.cache-primary-key }}`,
      })
      const gate = steps.findIndex(({ name }) => name === 'Quality gate')
      if (job === 'report') expect(at('actions/cache/save')).toBeLessThan(gate)
    }
  })

  it('takes actions of a known version, and puts nothing that was typed in into a shell', () => {
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+(\/[a-z-]+)?@v\d+$/)
    for (const { run } of steps) expect(run ?? '').not.toContain('${{')
  })
})
