import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { matrixOptions } from './matrix-options.ts'

describe('matrixOptions', () => {
  it('is the short profile on the default cluster without flags', () => {
    expect(matrixOptions([], {})).toEqual({
      clusters: ['kind'],
      kubernetes: [],
      scenario: '{recovery.daemonset-after-reboot,recovery.power-cut,recovery.control-plane-reboot}',
      repeat: 1,
      offline: false,
      out: path.join(projectFolder, 'reports/out/matrix'),
      legLimitMs: 3 * 60 * 60_000,
      dryRun: false,
      printLegs: false,
      merge: true,
      asDeclared: false,
      debug: false,
    })
  })

  it('takes every flag', () => {
    const args =
      '--clusters kind,./mine.yaml --kubernetes 1.34,1.35.4 --scenario roles.* --repeat 2 --offline --out o --leg-limit 90m --dry-run --print-legs --no-merge --as-declared --debug'
    expect(matrixOptions(args.split(' '), { INIT_CWD: '/home/me' })).toEqual({
      clusters: ['kind', '/home/me/mine.yaml'],
      kubernetes: ['1.34', '1.35.4'],
      scenario: 'roles.*',
      repeat: 2,
      offline: true,
      out: '/home/me/o',
      legLimitMs: 90 * 60_000,
      dryRun: true,
      printLegs: true,
      merge: false,
      asDeclared: true,
      debug: true,
    })
  })

  it.each([
    [['--clusters', 'kind,,lone'], /list with commas/],
    [['--kubernetes', ''], /list with commas/],
    [['--leg-limit', 'long'], /not a duration/],
    [['kind'], /too many arguments/],
  ])('answers %j with what is wrong, exit code 2', (args, message) => {
    expect(() => matrixOptions(args, {})).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) }),
    )
  })
})
