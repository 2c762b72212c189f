import { readdirSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it, vi } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { diagnosedBy } from './diagnosed-by.ts'
import { scenarioFiles } from './scenario-names.ts'
import { counterTests, suiteFiles } from './shard-files.ts'

// It gives back what it is given, and brings all of vite with it.
vi.mock('vitest/config', () => ({ defineConfig: (config: unknown) => config }))

const all = ['scenarios', 'counter', 'slow-host']

/** The campaign of sabotages is called by its own name. */
const ofSuites = (file: string) => !file.startsWith('suites/campaign/')

describe('the files that are divided', () => {
  it('are all suites and counter-tests of this project, each of one project of vitest', async () => {
    const files = (await suiteFiles(all, 'sample')).map(({ file }) => file).filter(ofSuites)
    const there = readdirSync(path.join(projectFolder, 'suites'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(suite|counter)\.ts$/.test(file))
      .map((file) => `suites/${file}`)
      .filter(ofSuites)
    expect(files).toEqual(there.toSorted())
  })

  it('are those of the projects that are asked for, with their parts', async () => {
    const files = await suiteFiles(['scenarios:split', 'slow-host'], 'sample')
    expect(files.map(({ file, project, alone }) => [file, project, alone])).toEqual([
      ['suites/recovery/slow-host.counter.ts', 'slow-host', true],
      ['suites/roles/roles.suite.ts', 'scenarios:split', false],
    ])
  })

  it('know the scenarios of each suite, and with the sample not those of the night', async () => {
    const names = async (matrix: 'sample' | 'whole') =>
      (await suiteFiles(['scenarios'], matrix)).flatMap(({ scenarios }) => scenarios)
    const whole = await names('whole')
    expect(whole).toEqual(scenarioFiles().flatMap((file) => file.names))
    const sample = await names('sample')
    expect(whole.filter((name) => !sample.includes(name)).toSorted()).toEqual([
      'election.api-egress-blocked-v0.0.17-node',
      'election.api-egress-blocked-v0.7.4-node',
      'election.rbac-missing-v0.0.17',
      'mirror.single-node-v0.7.4',
    ])
  })

  it('show by the sample every diagnosis that the whole matrix shows, but two', async () => {
    const verdicts = async (matrix: 'sample' | 'whole') =>
      new Set((await suiteFiles(all, matrix)).flatMap(({ scenarios }) => scenarios))
    const [sample, whole] = [await verdicts('sample'), await verdicts('whole')]
    const shownBy = (titles: ReadonlySet<string>) =>
      [...diagnosedBy()]
        .filter(([, { declared, counterTests: against }]) =>
          [...declared, ...against].some((title) => titles.has(title)),
        )
        .map(([code]) => code)
    // These take minutes each.
    const left = ['recovery.api-unavailable', 'mirror.alone']
    expect(shownBy(whole).filter((code) => !shownBy(sample).includes(code))).toEqual(left)
  })

  it('know a counter-test of each file that is one, by the title that its verdict has', async () => {
    const counters = await suiteFiles(['counter', 'slow-host'], 'sample')
    expect(counters.filter(({ scenarios }) => scenarios.length === 0)).toEqual([])
    const left = 'recovery.control-plane-reboot against an API server that stays down'
    expect(counters.flatMap(({ scenarios }) => scenarios)).not.toContain(left)
    const whole = await suiteFiles(['counter'], 'whole')
    expect(whole.flatMap(({ scenarios }) => scenarios)).toContain(left)
    expect(counters.flatMap(({ scenarios }) => scenarios)).toEqual(
      expect.arrayContaining([
        'recovery.daemonset-after-reboot against a host made slow on purpose',
        'identity.metadata-lost-on-reboot against machines that forget the names that they had',
      ]),
    )
  })
})

it('finds counter-tests in a source, however they are broken into lines', () => {
  const source = `counter(egress, 'election.a', "a node's policy", {\n  nightly: true,\n})\nbootCounter(\n  'identity.b',\n  'what',\n  body)\n`
  expect(counterTests(source)).toEqual([
    { of: 'election.a', title: "election.a against a node's policy", nightly: true },
    { of: 'identity.b', title: 'identity.b against what', nightly: false },
  ])
})
