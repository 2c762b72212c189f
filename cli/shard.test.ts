import { describe, expect, it, vi } from 'vitest'

import { shardLoads } from './shard-plan.ts'
import { plan, shardRecord } from './shard.ts'

// It gives back what it is given, and brings all of vite with it.
vi.mock('vitest/config', () => ({ defineConfig: (config: unknown) => config }))

const all = { projects: ['unit', 'scenarios', 'counter', 'slow-host'], matrix: 'sample', weights: null } as const

describe('the shards of this project', () => {
  it.each([1, 3, 8])('hold every file of it in exactly one of %i, and leave none without work', async (count) => {
    const whole = await plan(all, 1)
    const { files } = await plan(all, count)
    expect(files.map(({ file }) => file)).toEqual(whole.files.map(({ file }) => file))
    // The first may have its unit tests alone.
    expect(Math.min(...shardLoads(files, count, whole.units))).toBeGreaterThan(0)
  })

  it('are the same each time', async () => {
    expect(await plan(all, 4)).toEqual(await plan(all, 4))
  })

  it('are recorded with the whole plan: a shard that is lost is told by the others', async () => {
    const divided = await plan(all, 3)
    const record = shardRecord(divided, 2)
    expect(record).toMatchObject({ index: 2, count: 3 })
    expect(record.plan.flatMap(({ scenarios }) => scenarios)).toEqual(
      expect.arrayContaining(['recovery.power-cut', 'roles.inventory-role-blind']),
    )
    expect(shardRecord(await plan(all, 3), 1).plan).toEqual(record.plan)
  })

  it('cannot be more than there are files', async () => {
    const lone = { ...all, projects: ['scenarios:split'] }
    await expect(plan(lone, 2)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('only 1 files') })
  })
})
