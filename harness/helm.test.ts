import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { MissingCapability } from './faults/fault.ts'
import { installChart } from './helm.ts'
import { subjects } from './images/subjects.ts'
import { CommandError, type Run, type RunOptions } from './process.ts'

let folder: string
/** What helm was asked, and what it says to the verb that it is asked for: nothing where all is well. */
let asked: { readonly args: readonly string[]; readonly options: RunOptions }[]
let says: Record<string, string>
let appended: unknown[][]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'helm-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(path.join(folder, 'charts'))
  writeFileSync(path.join(folder, 'charts', chart.archive), '')
  writeFileSync(path.join(folder, 'helm'), '', { mode: 0o755 })
  vi.stubEnv('CLUSTERPROOF_HELM', path.join(folder, 'helm'))
  vi.stubEnv('CLUSTERPROOF_CACHE', path.join(folder, 'cache'))
  vi.stubEnv('HELM_KUBECONTEXT', 'production')
  onTestFinished(() => void vi.unstubAllEnvs())
  asked = []
  says = {}
  appended = []
})

const { chart } = subjects.spegel['v0.0.17']

const helm: Run = async (file, args, options = {}) => {
  expect(file).toBe(path.join(folder, 'helm'))
  asked.push({ args, options })
  const stderr = says[args[0] ?? ''] ?? ''
  if (stderr === '') return { stdout: '', stderr, exitCode: 0, durationMs: 700 }
  throw new CommandError({
    command: 'helm',
    outcome: 'exit code 1',
    exitCode: 1,
    timedOut: false,
    stdout: '',
    stderr,
    cause: null,
  })
}

function install(release: Partial<Parameters<typeof installChart>[1]> = {}) {
  const journal = { append: (...record: unknown[]) => void appended.push(record) }
  // All that is used of a journal.
  const cluster = { kubeconfig: '/k/config', journal } as unknown as Parameters<typeof installChart>[0]
  const wanted = { release: 'mirror', namespace: 'spegel', chart, values: { image: { tag: 'v0.0.17' } }, ...release }
  return installChart(cluster, wanted, { run: helm, charts: path.join(folder, 'charts'), offline: true })
}

describe('installChart', () => {
  it('has helm install the archived chart with these values alone, and waits for no pod', async () => {
    await install()
    expect(asked).toHaveLength(1)
    const [{ args, options } = { args: [], options: {} }] = asked
    const file = path.join(folder, 'charts', chart.archive)
    expect(args.slice(0, 8)).toEqual([
      'upgrade',
      '--install',
      '--create-namespace',
      '--reset-values',
      'mirror',
      file,
      '--values',
      '-',
    ])
    expect(args.slice(8)).toEqual(['--namespace', 'spegel', '--kubeconfig', '/k/config', '--timeout', '60s'])
    expect(options.input).toBe('{"image":{"tag":"v0.0.17"}}')
    expect(appended.map(([, kind, subject]) => [kind, subject])).toEqual([
      ['chart-installing', 'release/spegel/mirror'],
      ['chart-installed', 'release/spegel/mirror'],
    ])
  })

  it("keeps this user's own helm out of it", async () => {
    await install()
    expect(asked[0]?.options.env).toMatchObject({
      HELM_KUBECONTEXT: '',
      HELM_CONFIG_HOME: path.join(folder, 'cache/helm/config'),
    })
  })

  it('uninstalls it where it goes out of scope, with its hooks unless they are left out', async () => {
    for (const removalHooks of [true, false]) {
      asked = []
      await (await install({ removalHooks }))[Symbol.asyncDispose]()
      expect(asked[1]?.args.slice(0, 4)).toEqual(['uninstall', 'mirror', '--ignore-not-found', '--wait=false'])
      expect(asked[1]?.args.includes('--no-hooks')).toBe(!removalHooks)
    }
  })

  it('says what helm said, without its warnings', async () => {
    says = { upgrade: 'WARNING: old\nError: UPGRADE FAILED: no such value\n' }
    await expect(install()).rejects.toThrow(
      'helm could not install release/spegel/mirror (spegel v0.0.17): UPGRADE FAILED: no such value',
    )
    says = { uninstall: 'Error: 1 error occurred: timed out' }
    const installed = await install()
    await expect(installed[Symbol.asyncDispose]()).rejects.toThrow(/could not uninstall release.*timed out/)
  })

  it('leaves nothing behind of what it has begun, and says why it was not installed', async () => {
    says = { upgrade: 'Error: context deadline exceeded', uninstall: 'Error: and this neither' }
    await expect(install()).rejects.toThrow('context deadline exceeded')
    expect(asked.map(({ args }) => args[0])).toEqual(['upgrade', 'uninstall'])
    expect(asked[1]?.args).toContain('--no-hooks')
  })

  it('has the scenario skipped where there is no way to the chart', async () => {
    rmSync(path.join(folder, 'charts', chart.archive))
    await expect(install()).rejects.toThrow(MissingCapability)
    await expect(install()).rejects.toThrow(/no way leads to the chart spegel v0\.0\.17: there is no .*; .* offline/)
    expect(asked).toEqual([])
  })
})
