import { existsSync, readFileSync } from 'node:fs'

import { beforeEach, describe, expect, it } from 'vitest'

import { FakeMachine } from './fake-machine.ts'

let machine: FakeMachine

beforeEach(() => {
  machine = new FakeMachine()
  for (const name of ['docker', 'kind', 'helm', 'sysctl']) machine.stub(name, `touch "$TEST/asked"; exit 1`)
})

/** What V8 is told. */
const flags = '--max-semi-space-size=2 --max-old-space-size=1024'

const report = (...args: string[]) => machine.script('setup.d/packages-for', 'cli/report.ts', ...args)

describe('the way from an npm script that needs the packages alone', () => {
  it('installs them, once, and asks for no engine', async () => {
    expect((await report()).stdout).toMatch(
      /^packages: installing [^]*packages: installed, [^]*\ncli: .* cli\/report\.ts$/,
    )
    expect((await report()).stdout).toBe(`cli: ${flags} cli/report.ts`)
    expect(readFileSync(machine.at('npm'), 'utf8')).toBe('npm\n')
    expect(existsSync(machine.at('asked'))).toBe(false)
  })

  it('installs them once where two begin at the same time, with and without flock', async () => {
    machine.environment.NPM_TAKES = '0.3'
    machine.without('flock')
    const both = await Promise.all([report(), report()])
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(readFileSync(machine.at('npm'), 'utf8')).toBe('npm\n')
    // The lock is not held by what was run.
    expect((await machine.setup()).said).not.toContain('another ./setup')
  })

  it('gives every flag as it was given, and ends as the program ends', async () => {
    machine.environment.CLI_EXIT = '2'
    await report()
    expect(await report('--out', 'a b')).toMatchObject({ exitCode: 2, stdout: `cli: ${flags} cli/report.ts --out a b` })
  })

  it('ends where the packages cannot be installed', async () => {
    machine.stub('npm', 'echo "no registry" >&2; exit 1')
    expect(await report()).toMatchObject({
      exitCode: 3,
      stdout: expect.not.stringContaining('cli/report.ts'),
      stderr: expect.stringMatching(/no registry[^]*npm could not install the packages/),
    })
  })
})
