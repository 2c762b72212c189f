import { describe, expect, it } from 'vitest'

import type { KillResult, Measured } from './campaign.ts'
import { killText, phaseTable } from './result-text.ts'
import { scenarioSubject } from './subjects.ts'

const measured: Measured = {
  subject: scenarioSubject('recovery.power-cut', 'kind'),
  out: '/out',
  tookMs: 90_000,
}

function result(change: Partial<KillResult> = {}): KillResult {
  return {
    kill: { share: 0.5, mode: 'node', subject: 0 },
    moment: { phase: 'boot', last: 'cluster creating kind-1' },
    atMs: 45_000,
    left: [],
    swept: 0,
    remains: [],
    problems: [],
    ...change,
  }
}

describe('killText', () => {
  it('says when and how, and what the sweep found', () => {
    const left = [{ kind: 'container', name: 'c', change: 'left' } as const]
    expect(killText(result({ left, swept: 2 }), measured)).toBe(
      'recovery.power-cut on kind, killed node in boot (cluster creating kind-1) after 45 s of 1 min 30 s: left 1 container; the sweep named 2',
    )
  })

  it('names what remains and what went wrong', () => {
    const remains = [
      { kind: 'volume', name: 'v', change: 'left' } as const,
      { kind: 'image', name: 'i', change: 'missing' } as const,
    ]
    const text = killText(result({ remains, problems: ['no report of /out'] }), measured)
    expect(text.split('\n').slice(1)).toEqual(['  left: volume v', '  missing: image i', '  no report of /out'])
  })

  it('does not say that a run was killed which had ended', () => {
    expect(killText(result({ moment: { phase: 'over', last: '' } }), measured)).toContain(
      'recovery.power-cut on kind, ended before it was to be killed after 45 s',
    )
  })
})

it('counts what was hit, also where nothing was', () => {
  const left = [{ kind: 'network', name: 'n', change: 'left' } as const]
  const rows = phaseTable([result({ left, swept: 1 }), result({ left, swept: 1, remains: left })]).split('\n')
  expect(
    rows
      .find((row) => row.includes('boot'))
      ?.replaceAll(/[│\s]+/g, ' ')
      .trim(),
  ).toBe('boot 2 2 networks 2 1')
  expect(
    rows
      .find((row) => row.includes('teardown'))
      ?.replaceAll(/[│\s]+/g, ' ')
      .trim(),
  ).toBe('teardown 0 nothing 0 0')
})
