import { describe, expect, it } from 'vitest'

import type { CatalogEntry } from './catalog-entry.ts'
import { catalog, diagnosis, diagnosisCodes as codes } from './catalog.ts'

describe('the catalog', () => {
  it.each(codes)('says what to do about %s', (code) => {
    const { remedies, upstream } = diagnosis(code, 'seen')
    expect(remedies.length).toBeGreaterThan(0)
    for (const text of [...remedies, ...upstream]) expect(text.trim()).toMatch(/\S{3}/)
    expect(new Set(remedies).size).toBe(remedies.length)
  })

  it.each(codes.filter((code) => code !== 'recovery.unexplained'))('says where upstream explains %s', (code) => {
    expect(catalog[code].upstream.length).toBeGreaterThan(0)
  })

  it.each(codes)('names %s after its suite', (code) => {
    expect(code).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/)
  })

  it.each(codes)('explains %s: what it means, its cause, and how to see it', (code) => {
    const { meaning, cause, evidence }: CatalogEntry = catalog[code]
    expect(meaning).toMatch(/^[A-Z][^\n]+\.$/)
    expect(cause.length).toBeGreaterThan(meaning.length)
    expect(cause).toMatch(/\.$/)
    expect(evidence.length).toBeGreaterThan(1)
    for (const { command, shows } of evidence) {
      expect(command).toMatch(/^[a-z-]+;? \S/)
      expect(shows.trim()).toMatch(/\S{2}/)
    }
    expect(new Set(evidence.map(({ command }) => command)).size).toBe(evidence.length)
  })

  it.each(codes)('says of a measured effect of a remedy for %s what it was and what measured it', (code) => {
    const { remedies }: CatalogEntry = catalog[code]
    for (const { measured } of remedies) {
      if (measured === undefined) continue
      expect(measured.effect).toMatch(/\d|conforms/)
      expect(measured.by).toMatch(/^[a-z]+[.]|^an experiment/)
    }
  })

  it('has the three remedies of the field failure', () => {
    const { remedies } = diagnosis('recovery.daemonset-backoff', '')
    expect(remedies).toEqual([
      expect.stringContaining('restart kube-controller-manager'),
      expect.stringContaining('pod template'),
      expect.stringContaining('second worker'),
    ])
  })
})

describe('diagnosis', () => {
  it('is the code, what was seen, and copies that a reader may change', () => {
    const one = diagnosis('recovery.write-lost', 'write 7 is gone')
    expect(one).toMatchObject({ code: 'recovery.write-lost', summary: 'write 7 is gone' })
    expect(one.upstream).toEqual(catalog['recovery.write-lost'].upstream)
    one.remedies.push('something else')
    expect(diagnosis('recovery.write-lost', '').remedies).not.toContain('something else')
  })
})
