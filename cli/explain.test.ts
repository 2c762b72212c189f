import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { catalog, diagnosisCodes } from '../harness/diagnosis/catalog.ts'
import type { CatalogEntry } from '../harness/diagnosis/catalog-entry.ts'
import { fieldFailures } from '../harness/diagnosis/catalog-failures.ts'
import { type DiagnosedBy, diagnosedBy } from './diagnosed-by.ts'
import { explainOptions } from './explain-options.ts'
import { failurePages, pagesFolder, renewPages } from './explain-pages.ts'
import { codesText, explanationText } from './explain-text.ts'
import { alsoFoundBy, explanation } from './explanation.ts'
import { scenarioFiles } from './scenario-names.ts'
import { upstreamUrl } from './upstream-url.ts'

const nowhere: DiagnosedBy = { declared: [], counterTests: [], others: [], anywhere: false }

describe('an explanation', () => {
  const text = explanationText(
    explanation('recovery.daemonset-backoff', { ...nowhere, declared: ['recovery.reboot-storm'], anywhere: true }),
  )

  it('has the cause, the evidence, what helps and what that was measured to do', () => {
    for (const head of ['cause', 'evidence to look for', 'what helps', 'shown by', 'upstream']) {
      expect(text).toContain(`\n\n${head}\n`)
    }
    expect(text).toMatch(/measured: recovered 20\.8 s after the node was Ready/)
    expect(text).toContain('\n  npm start -- --scenario recovery.reboot-storm\n')
    expect(text).toContain('\n    https://github.com/siderolabs/talos/issues/9870')
    expect(text).toContain('the failure in the field: docs/failures/daemonset-backoff-after-reboots.md')
  })

  it('breaks lines of prose, and no command', () => {
    const commands = catalog['recovery.daemonset-backoff'].evidence.map(({ command }) => `  ${command}`)
    const lines = text.split('\n')
    expect(lines).toEqual(expect.arrayContaining(commands))
    const prose = lines.filter((line) => !commands.includes(line) && !line.includes('https://'))
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it.each(diagnosisCodes)('of %s is whole', (code) => {
    const explained = explanation(code, diagnosedBy().get(code) ?? nowhere)
    expect(explained.shownBy.length + alsoFoundBy(explained.scenarios).length).toBeGreaterThan(0)
    expect(explanationText(explained)).toContain(`\n\nwhat helps\n`)
    expect(JSON.parse(JSON.stringify(explained))).toEqual(explained)
  })
})

describe('where else it is found', () => {
  it('is by name for a few scenarios, and by number for many', () => {
    const others = ['mirror.a', 'mirror.b', 'mirror.c', 'mirror.d', 'mirror.e', 'election.a']
    expect(alsoFoundBy({ ...nowhere, declared: ['x.y'], others })).toBe('5 scenarios mirror.*; election.a')
  })

  it('says nothing again of what is run to show it', () => {
    expect(alsoFoundBy({ ...nowhere, others: ['roles.a'] })).toBe('')
  })
})

describe('the list of codes', () => {
  it('has each once, by suite, one a line', () => {
    const lines = codesText(120).split('\n')
    for (const code of diagnosisCodes) expect(lines.filter((line) => line.startsWith(`  ${code} `))).toHaveLength(1)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
  })
})

describe('npm run explain', () => {
  it('takes a code, or none', () => {
    expect(explainOptions([])).toEqual({ code: null, json: false, pages: false })
    expect(explainOptions(['etcd.quorum-lost', '--json'])).toEqual({
      code: 'etcd.quorum-lost',
      json: true,
      pages: false,
    })
  })

  it('answers an unknown code with the nearest ones and exit code 2', () => {
    expect(() => explainOptions(['etcd.quorum-lsot'])).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining('etcd.quorum-lost') }),
    )
    expect(() => explainOptions(['nothing of the kind'])).toThrow(
      expect.objectContaining({ exitCode: 2, hint: 'npm run explain lists them all.' }),
    )
  })
})

describe('upstream references', () => {
  it('all have an address', () => {
    const references = diagnosisCodes.flatMap((code) => [...catalog[code].upstream])
    expect(references.filter((reference) => upstreamUrl(reference) === null)).toEqual([])
  })

  it.each([
    ['siderolabs/talos#9870', 'https://github.com/siderolabs/talos/issues/9870'],
    ['etcd.io/docs/v3.6/tuning', 'https://etcd.io/docs/v3.6/tuning'],
    ['k8s.io/client-go/tools/leaderelection: fencing', 'https://pkg.go.dev/k8s.io/client-go/tools/leaderelection'],
    ['k8s.io/apiserver/pkg/a/rest.go: x', 'https://github.com/kubernetes/apiserver/blob/master/pkg/a/rest.go'],
    ['kubernetes/pkg/a/b.go: x', 'https://github.com/kubernetes/kubernetes/blob/master/pkg/a/b.go'],
    ['a book', null],
  ])('%s: %s', (reference, url) => {
    expect(upstreamUrl(reference)).toBe(url)
  })
})

describe('docs/failures', () => {
  const pages = [...failurePages()]

  it.each(pages)('%s is as the catalog has it', (name, text) => {
    const file = path.join(pagesFolder, name)
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '', `stale: ${renewPages}`).toBe(text)
  })

  it('has a page for each of the five field failures', () => {
    expect(pages).toHaveLength(6)
  })

  const known = new Set(scenarioFiles().flatMap(({ names }) => names))
  const by = diagnosedBy()

  it.each(fieldFailures)('$page names scenarios that there are, and what they declare', ({ setups }) => {
    for (const { is, scenario, comesTo } of setups) {
      expect(known).toContain(scenario)
      const codes = diagnosisCodes.filter((code) => comesTo.includes(`\`${code}\``))
      expect(codes).toHaveLength(is === 'affected' ? 1 : 0)
      for (const code of codes) expect(by.get(code)?.declared).toContain(scenario)
    }
  })

  it('has only links that lead somewhere', () => {
    const targets = pages
      .flatMap(([, text]) => [...text.matchAll(/\]\((?!https:)([^)#]+)/g)])
      .map(([, target = '']) => target)
    expect(targets.filter((target) => !existsSync(path.join(pagesFolder, target)))).toEqual([])
  })
})

describe('measured effects', () => {
  it('name scenarios that there are', () => {
    const names = scenarioFiles().flatMap((file) => file.names)
    for (const code of diagnosisCodes) {
      const { remedies }: CatalogEntry = catalog[code]
      for (const { measured } of remedies) {
        for (const [scenario] of measured?.by.matchAll(
          /\b(?:recovery|roles|join|leave|identity|election|mirror)\.[\w.-]*\w/g,
        ) ?? []) {
          expect(names).toContain(scenario)
        }
      }
    }
  })
})
