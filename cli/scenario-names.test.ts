import { describe, expect, it } from 'vitest'

import { declaredScenarios, globOf, scenarioFiles, selectScenarios, shortProfile } from './scenario-names.ts'

const files = [
  { file: 'suites/recovery/a.suite.ts', names: ['recovery.a', 'recovery.remedy.b'] },
  { file: 'suites/election/c.suite.ts', names: ['election.c'] },
]

describe('declaredScenarios', () => {
  it('finds the names however they are quoted and broken into lines', () => {
    const source =
      'scenario(\'recovery.a\', async () => {})\nscenario(\n  "recovery.b",\n  { requires: [] },\n  body)\n'
    expect(declaredScenarios(source)).toEqual(['recovery.a', 'recovery.b'])
  })

  it('takes no import and no comment for a declaration', () => {
    expect(declaredScenarios("import { scenario } from './fixtures.ts'\n// scenario('recovery.old', …)")).toEqual([])
  })
})

describe('selectScenarios', () => {
  it('gives the names that match and the files that hold them', () => {
    expect(selectScenarios('recovery.*', files)).toEqual({
      names: ['recovery.a', 'recovery.remedy.b'],
      files: ['suites/recovery/a.suite.ts'],
    })
    expect(selectScenarios('*', files).files).toHaveLength(2)
  })

  it('matches exactly the names of a glob that was made of them', () => {
    expect(selectScenarios(globOf(['recovery.a', 'election.c']), files).names).toEqual(['recovery.a', 'election.c'])
    expect(selectScenarios(globOf(['recovery.a']), files).names).toEqual(['recovery.a'])
  })

  it.each(['recovery', 'recovery.z*', ''])('lists the known names where nothing matches %j', (glob) => {
    expect(() => selectScenarios(glob, files)).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining('recovery.remedy.b') }),
    )
  })
})

it('finds every scenario of the short profile in the suites', () => {
  expect(selectScenarios(globOf(shortProfile), scenarioFiles()).names.toSorted()).toEqual(shortProfile.toSorted())
})
