import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { startOptions } from './start-options.ts'

const none = {}

describe('startOptions', () => {
  it('runs the short profile on the default cluster without flags', () => {
    expect(startOptions([], none)).toEqual({
      cluster: null,
      scenario: '{recovery.daemonset-after-reboot,recovery.power-cut,recovery.control-plane-reboot}',
      repeat: 1,
      reboots: 5,
      asDeclared: false,
      offline: false,
      keep: false,
      out: path.join(projectFolder, 'reports/out'),
      debug: false,
      matrix: 'sample',
      tty: true,
    })
  })

  it('takes every flag', () => {
    const args =
      '--cluster kind --scenario recovery.* --repeat 3 --reboots 7 --offline --keep --out o --debug --no-tty --whole-matrix --as-declared'
    expect(startOptions(args.split(' '), { INIT_CWD: '/home/me' })).toEqual({
      cluster: 'kind',
      scenario: 'recovery.*',
      repeat: 3,
      reboots: 7,
      asDeclared: true,
      offline: true,
      keep: true,
      out: '/home/me/o',
      debug: true,
      matrix: 'whole',
      tty: false,
    })
  })

  it('finds a definition file from where npm was called', () => {
    expect(startOptions(['--cluster', './mine.yaml'], { INIT_CWD: '/home/me' })?.cluster).toBe('/home/me/mine.yaml')
  })

  it('is offline where the environment says so', () => {
    expect(startOptions([], { CLUSTERPROOF_OFFLINE: 'true' })?.offline).toBe(true)
  })

  it.each([
    [['--clutser', 'kind'], /unknown option '--clutser'/],
    [['kind'], /too many arguments/],
    [['--cluster'], /argument missing/],
    [['--repeat', '0'], /whole number from 1 to 1000/],
    [['--repeat', 'often'], /whole number/],
    [['--reboots', '21'], /whole number from 1 to 20/],
  ])('answers %j with what is wrong, exit code 2', (args, message) => {
    expect(() => startOptions(args, none)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringMatching(message),
        hint: expect.stringContaining('--help'),
      }),
    )
  })
})
