import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { declaredScenarios, type ScenarioFile, scenarioFiles, selectScenarios } from './scenario-names.ts'

/** What is found in a project with these sources, by their paths below `suites`. */
function found(sources: Readonly<Record<string, string>>): ScenarioFile[] {
  const project = mkdtempSync(path.join(tmpdir(), 'clusterproof-suites-'))
  onTestFinished(() => rmSync(project, { recursive: true }))
  for (const [file, source] of Object.entries(sources)) {
    const target = path.join(project, 'suites', file)
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, source)
  }
  return scenarioFiles(project)
}

const declares = (...names: string[]) => names.map((name) => `scenario('${name}', async () => {})\n`).join('')

describe('declaredScenarios', () => {
  it('finds those that boot clusters of their own', () => {
    const source =
      "bootScenario('identity.a', { boot: 'first' }, body)\nbootScenario(\n  'identity.b',\n  options, body)\n"
    expect(declaredScenarios(source)).toEqual(['identity.a', 'identity.b'])
  })

  it('takes no counter-test and no other function for a scenario', () => {
    expect(declaredScenarios("bootCounter('identity.a', 'x', body)\nmyscenario('b')\nrebootScenario('c')\n")).toEqual(
      [],
    )
  })
})

describe('scenarioFiles', () => {
  it('are the suites, sorted, each with what it declares itself', () => {
    const files = found({
      'roles/b.suite.ts': declares('roles.b'),
      'recovery/a.suite.ts': declares('recovery.a1', 'recovery.a2'),
      'recovery/a.counter.ts': declares('recovery.counter'),
      'recovery/traffic.ts': declares('recovery.no-suite'),
    })
    expect(files).toEqual([
      { file: 'suites/recovery/a.suite.ts', names: ['recovery.a1', 'recovery.a2'] },
      { file: 'suites/roles/b.suite.ts', names: ['roles.b'] },
    ])
  })

  it('gather the scenarios that a suite imports, from its folder and from others, after its own', () => {
    const files = found({
      'roles/roles.suite.ts':
        "import './one.scenario.ts'\nimport '../identity/two.scenario.ts'\n\n" + declares('roles.own'),
      'roles/one.scenario.ts': declares('roles.one'),
      'identity/two.scenario.ts': "bootScenario('identity.two', options, body)\n",
    })
    expect(files).toEqual([{ file: 'suites/roles/roles.suite.ts', names: ['roles.own', 'roles.one', 'identity.two'] }])
  })

  it('leave out a scenario that no suite imports, and what is imported for its names', () => {
    const files = found({
      'roles/roles.suite.ts':
        "// import './old.scenario.ts'\nimport { body } from './named.scenario.ts'\nimport './traffic.ts'\n",
      'roles/old.scenario.ts': declares('roles.old'),
      'roles/named.scenario.ts': declares('roles.named'),
      'roles/traffic.ts': declares('roles.traffic'),
    })
    expect(files).toEqual([{ file: 'suites/roles/roles.suite.ts', names: [] }])
  })

  it('are complete in this project: every scenario that there is belongs to a suite', () => {
    const suites = path.join(projectFolder, 'suites')
    const declared = readdirSync(suites, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.scenario.ts'))
      .flatMap((file) => declaredScenarios(readFileSync(path.join(suites, file), 'utf8')))
    expect(declared).not.toEqual([])
    expect(scenarioFiles().flatMap(({ names }) => names)).toEqual(expect.arrayContaining(declared))
  })
})

describe('selectScenarios', () => {
  const files = [
    { file: 'suites/a.suite.ts', names: ['roles.a', 'identity.shared'] },
    { file: 'suites/b.suite.ts', names: ['identity.shared'] },
  ]

  it('gives a scenario as often as suites gather it: so many verdicts there will be', () => {
    expect(selectScenarios('identity.*', files)).toEqual({
      names: ['identity.shared', 'identity.shared'],
      files: ['suites/a.suite.ts', 'suites/b.suite.ts'],
    })
  })

  it('lists it once where nothing matches', () => {
    expect(() => selectScenarios('x', files)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/:\n {4}identity\.shared\n {4}roles\.a$/) }),
    )
  })
})
