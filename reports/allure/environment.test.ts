import { expect, it } from 'vitest'

import { sampleVerdict } from '../sample-verdict.ts'
import { environmentOf } from './environment.ts'
import { sampleRun, sampleScenario } from './sample-run.ts'

const scenarios = [sampleScenario(sampleVerdict())]

it('says what the run ran on', () => {
  expect(environmentOf(sampleRun(scenarios))).toEqual({
    run: 'abcd1234',
    platform: 'linux x64',
    cpus: '2',
    memory: '4.0 GiB',
    distributions: 'kind 0.33.0 (v1.34.4)',
  })
})

it('says of a run that was killed between two scenarios how it ended, and what its journals lack', () => {
  const lastWords = 'run abcd1234 did not come to its end\n  in no scenario'
  expect(environmentOf(sampleRun(scenarios, { lastWords, damagedLines: 2 }))).toMatchObject({
    end: 'run abcd1234 did not come to its end; in no scenario',
    journals: '2 lines are no records, of run abcd1234',
  })
})

it('says what is left to say where verdicts.json is lost', () => {
  expect(environmentOf(sampleRun([sampleScenario(null)], { run: null, damagedLines: 1 }))).toEqual({
    run: 'abcd1234',
    journals: '1 line is no record, of run abcd1234',
  })
})
