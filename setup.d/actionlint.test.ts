import { describe, expect, it } from 'vitest'

import { FakeMachine } from './fake-machine.ts'

const version = '1.7.12'

describe('npm run lint:workflows', () => {
  it('builds the pinned actionlint with Go once, and ends as that ends', async () => {
    const machine = new FakeMachine()
    machine.file('built', '#!/bin/sh\necho "lints: $*"; exit ${LINT_EXIT:-0}\n')
    machine.stub(
      'go',
      `case $1 in env) echo go1.26.8 ;; build) while [ "$1" != -o ]; do shift; done; cp "$TEST/built" "$2"; chmod +x "$2" ;; esac`,
    )
    // Another version knows other actions.
    machine.stub('actionlint', 'echo 1.7.7')
    const first = await machine.script('setup.d/actionlint')
    expect(first).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`actionlint: ${version}, built with Go`),
    })
    machine.environment.LINT_EXIT = '1'
    const second = await machine.script('setup.d/actionlint', '-verbose')
    expect(second).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^actionlint: 1\.7\.12, from .*\nlints: -no-color -verbose$/),
    })
  })

  it('takes the pinned version from the PATH', async () => {
    const machine = new FakeMachine()
    machine.stub('actionlint', `[ "$1" = -version ] && echo ${version} || echo "lints: $*"`)
    const { stdout } = await machine.script('setup.d/actionlint')
    expect(stdout).toMatch(/^actionlint: 1\.7\.12, from the PATH .*\nlints: -no-color\nactionlint: nothing to say/)
  })

  it('says what would help where it cannot be built', async () => {
    const machine = new FakeMachine()
    machine.stub('go', 'echo go1.23.1')
    expect(await machine.script('setup.d/actionlint')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/no actionlint 1\.7\.12, and no Go 1\.25\.0 or newer[^]*CLUSTERPROOF_ACTIONLINT=/),
    })
  })
})

describe("Debian's chromium", () => {
  it('is installed with apt, also where the package lists cannot be refreshed', async () => {
    const machine = new FakeMachine()
    machine.stub('apt-get', 'echo "$*" >>"$TEST/asked"; case $* in *update*) exit 100 ;; esac')
    const { exitCode, stdout } = await machine.script('setup.d/chromium')
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^chromium: installed \(/) })
  })

  it('says what apt-get said where that failed', async () => {
    const machine = new FakeMachine()
    machine.stub('apt-get', 'echo "E: no room"; exit 100')
    expect(await machine.script('setup.d/chromium')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/E: no room[^]*could not install chromium/),
    })
  })
})
