import { expect, it } from 'vitest'

import { shardEnginesOptions } from './shard-engines-options.ts'

it('runs a shard of all on each engine', () => {
  expect(shardEnginesOptions(['--engines', 'build-1', 'ssh://ci@build-2'], {})).toMatchObject({
    engines: ['build-1', 'ssh://ci@build-2'],
    count: 2,
    image: 'clusterproof/runner:v1',
    division: { projects: ['unit', 'scenarios', 'counter', 'slow-host'], matrix: 'sample', weights: null },
    args: [],
    limitMs: 3 * 3_600_000,
  })
})

it('hands on what is divided', () => {
  const args = '--engines a --count 4 --project counter --whole-matrix --limit 90m --out shards --image r:v2'
  expect(shardEnginesOptions(args.split(' '), { INIT_CWD: '/runs' })).toMatchObject({
    count: 4,
    image: 'r:v2',
    division: { projects: ['counter'], matrix: 'whole' },
    args: ['--project', 'counter', '--whole-matrix'],
    limitMs: 90 * 60_000,
    out: '/runs/shards',
  })
})

it.each([
  ['no engine', []],
  ['a limit that is no time', ['--engines', 'a', '--limit', 'soon']],
])('refuses %s', (_, args) => {
  expect(() => shardEnginesOptions(args, {})).toThrow(expect.objectContaining({ name: 'UserError', exitCode: 2 }))
})
