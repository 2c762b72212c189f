import { describe, expect, it } from 'vitest'

import { catalog, diagnosis, type DiagnosisCode } from './catalog.ts'

// The catalog's own type has just these keys.
const codes = Object.keys(catalog) as DiagnosisCode[]

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

  it('has the three remedies of the field failure', () => {
    const { remedies } = catalog['recovery.daemonset-backoff']
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
    one.remedies.push('something else')
    expect(diagnosis('recovery.write-lost', '').remedies).not.toContain('something else')
  })
})
