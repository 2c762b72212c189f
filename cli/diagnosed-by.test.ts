import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { type DiagnosisCode, diagnosisCodes } from '../harness/diagnosis/catalog.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { diagnosedBy } from './diagnosed-by.ts'
import { scenarioFiles } from './scenario-names.ts'
import { Sources } from './source-statements.ts'

/** A project with these sources. */
function project(sources: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-sources-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const all = { 'harness/diagnosis/recovery.ts': '', 'suites/empty.ts': '', ...sources }
  for (const [file, source] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), source)
  }
  return folder
}

const of = (code: DiagnosisCode, sources: Readonly<Record<string, string>>) => diagnosedBy(project(sources)).get(code)

describe('what the suites say of a diagnosis', () => {
  it.each([
    ['in its options', "scenario('a.b', { expected: { outcome: 'violates', diagnosis: 'mirror.alone' } }, body)\n"],
    [
      'over lines',
      "scenario(\n  'a.b',\n  {\n    expected: { outcome: 'violates', diagnosis: 'mirror.alone' },\n  },\n  body,\n)\n",
    ],
    [
      'by a constant',
      "const affected = {\n  expected: { outcome: 'violates', diagnosis: 'mirror.alone' },\n} as const\nscenario('a.b', affected, body)\n",
    ],
    [
      'by a function',
      "const violates = (diagnosis: string) => ({ outcome: 'violates', diagnosis })\nscenario('a.b', { expected: violates('mirror.alone') }, body)\n",
    ],
    [
      'of some clusters',
      "bootScenario(\n  'a.b',\n  { expected: (d) => (x(d) ? { outcome: 'violates', diagnosis: 'mirror.alone' } : undefined) },\n  body)\n",
    ],
  ])('has a scenario that declares it %s', (_, source) => {
    expect(of('mirror.alone', { 'suites/a/a.suite.ts': source })).toEqual({
      declared: ['a.b'],
      counterTests: [],
      others: [],
      anywhere: false,
    })
  })

  it('has counter-tests with what is done to their clusters', () => {
    const source =
      "counter(scenarios, 'a.b', \"a node's end\", {\n  expected: { outcome: 'violates', diagnosis: 'mirror.alone' },\n})\n" +
      "bootCounter(\n  'a.c',\n  'no name',\n  body,\n  { expected: { outcome: 'violates', diagnosis: 'mirror.alone' } })\n"
    const found = of('mirror.alone', { 'suites/a/a.counter.ts': source })
    expect(found).toMatchObject({ declared: [], counterTests: ["a.b against a node's end", 'a.c against no name'] })
  })

  it('has a scenario whose code names it, near or far', () => {
    const sources = {
      'suites/a/a.scenario.ts':
        "import { far as near } from './b.ts'\nscenario('a.near', {}, async () => {\n  diagnosis('mirror.alone', '')\n})\n" +
        "scenario('a.far', {}, body(near))\nscenario('a.none', {}, other)\n// diagnosis('mirror.alone')\n",
      'suites/a/b.ts':
        "import { explain } from '../../harness/diagnosis/mirror.ts'\nexport function far() {\n  return explain()\n}\n",
      'harness/diagnosis/mirror.ts': "export function explain() {\n  return diagnosis('mirror.alone', '')\n}\n",
    }
    expect(of('mirror.alone', sources)).toMatchObject({ declared: [], others: ['a.near', 'a.far'], anywhere: false })
  })

  it('knows what is looked for in every scenario, and does not list them', () => {
    const sources = {
      'suites/a/a.suite.ts':
        "import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'\nscenario('a.b', {}, diagnoseRecovery)\n",
      'harness/diagnosis/recovery.ts':
        'export function diagnoseRecovery() {\n  diagnosis(`recovery.${name}-down`)\n}\n',
    }
    expect(of('recovery.scheduler-down', sources)).toMatchObject({ others: [], anywhere: true })
    expect(of('recovery.service-gap', sources)).toMatchObject({ anywhere: false })
  })
})

describe('the suites of this project', () => {
  const found = diagnosedBy()
  const declared = [...found].flatMap(([code, by]) => by.declared.map((name) => `${name} ${code}`))

  it('name every diagnosis', () => {
    const unnamed = [...found].filter(
      ([, by]) => !by.anywhere && by.declared.length + by.counterTests.length + by.others.length === 0,
    )
    expect(unnamed).toEqual([])
  })

  it('declare what the README says they do', () => {
    expect(declared).toEqual(
      expect.arrayContaining([
        'recovery.reboot-storm recovery.daemonset-backoff',
        'roles.inventory-role-blind roles.unexpected-tooling',
        'identity.metadata-late identity.member-name-mismatch',
        'identity.rename-attempt identity.member-name-mismatch',
        'election.api-egress-blocked-v0.0.17-policy election.api-egress-blocked',
        'election.api-egress-blocked-v0.0.17-node election.api-egress-blocked',
        'election.api-egress-blocked-elector election.api-egress-blocked',
        'election.least-privilege-egress-without-dns election.dns-blocked',
        'election.least-privilege-egress-service-port election.api-port-mismatch',
        'election.rbac-missing election.rbac-denied',
        'election.rbac-missing-v0.0.17 election.rbac-denied',
        'mirror.stale-leader-v0.0.14 mirror.stale-leader',
        'mirror.single-node-v0.7.4 mirror.alone',
        'mirror.socket-path mirror.socket-missing',
        'mirror.socket-permissions mirror.socket-denied',
      ]),
    )
    expect(declared).toHaveLength(15)
  })

  it('are read with all their scenarios', () => {
    const names = new Set([...found.values()].flatMap((by) => [...by.declared, ...by.others]))
    // What asks for nothing of its own has only what all ask.
    const silent = scenarioFiles()
      .flatMap((file) => file.names)
      .filter((name) => !names.has(name))
    expect(silent.every((name) => name.startsWith('recovery.'))).toBe(true)
  })

  it('say of every scenario what its row in docs/suites.md says', () => {
    const rows = readFileSync(path.join(projectFolder, 'docs', 'suites.md'), 'utf8').split('\n')
    const wrong = rows.flatMap((row) => {
      const cells = row.split(' | ')
      const [, name] = /^\| `([a-z]+\.[\w.-]+)`/.exec(row) ?? []
      const last = cells.at(-1) ?? ''
      if (name === undefined || cells.length !== 4) return []
      const suite = name.split('.', 1)[0] ?? ''
      const written = new Set([...last.matchAll(/`([a-z-]+(?:\.[a-z-]+)?)`/g)].map(([, code = '']) => code))
      const codes = diagnosisCodes.filter((code) => written.has(code) || written.has(code.replace(`${suite}.`, '')))
      return codes.flatMap((code) => {
        const by = found.get(code)
        const isFound =
          by?.anywhere === true || by?.declared.includes(name) === true || by?.others.includes(name) === true
        return isFound ? [] : [`${name}: ${code}`]
      })
    })
    expect(wrong).toEqual([])
  })
})

describe('Sources', () => {
  it('are statements with their names, without comments', () => {
    const source =
      "import { x } from 'y'\n\n/** Says. */\nexport async function a() {\n  // so\n  b()\n}\n\nconst b = [\n  1,\n] as const\n\nc()\n"
    const statements = new Sources(project({ 'suites/a.ts': source }), () => true).of('suites/a.ts')
    expect(statements.map(({ name }) => name)).toEqual(['a', 'b', null])
    expect(statements[0]?.text).toMatch(/^export async function a\(\) \{\n {2}b\(\)\n\}/)
  })

  it('lead through what they name, once around a circle', () => {
    const source = 'function a() {\n  b()\n}\nfunction b() {\n  a()\n}\nfunction c() {}\n'
    const sources = new Sources(project({ 'suites/a.ts': source }), () => true)
    const [first] = sources.of('suites/a.ts')
    expect(first && sources.reach(first).map(({ name }) => name)).toEqual(['a', 'b'])
  })
})
