import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { CommandError, type Run } from '../process.ts'
import { type ChartOptions, MissingChart, provideChart } from './charts.ts'

const chart = { name: 'web', version: '1.2.3', archive: 'web-v1.2.3.tgz', repository: 'oci://r.example/charts/web' }

let folder: string
let asked: (readonly string[])[]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'charts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  vi.stubEnv('CLUSTERPROOF_HELM', file('helm'))
  onTestFinished(() => void vi.unstubAllEnvs())
  asked = []
})

function file(name: string): string {
  const at = path.join(folder, name)
  mkdirSync(path.dirname(at), { recursive: true })
  writeFileSync(at, '', { mode: 0o755 })
  return at
}

/** A registry that gives the chart, or another one. */
const giving =
  (name: string): Run =>
  async (_, args) => {
    asked.push(args)
    file(path.join('cache/charts', name))
    return { stdout: '', stderr: '', exitCode: 0, durationMs: 1 }
  }

const refusing: Run = async () => {
  const ended = { command: 'helm pull', outcome: 'exit code 1', exitCode: 1, timedOut: false }
  throw new CommandError({ ...ended, stdout: '', stderr: 'Error: r.example: no such host\n', cause: null })
}

function provided(options: ChartOptions) {
  return provideChart(chart, { cache: path.join(folder, 'cache'), charts: undefined, offline: false, ...options })
}

describe('provideChart', () => {
  it('takes the chart in the folder of charts, and asks nobody', async () => {
    const archived = file('charts/web-v1.2.3.tgz')
    const found = await provided({ charts: path.join(folder, 'charts'), run: refusing })
    expect(found).toEqual({ file: archived, from: `from ${archived}` })
  })

  it('pulls it once where it is not there', async () => {
    const pulled = path.join(folder, 'cache/charts/web-1.2.3.tgz')
    const first = await provided({ charts: folder, run: giving('web-1.2.3.tgz') })
    expect(first).toEqual({ file: pulled, from: 'pulled from oci://r.example/charts/web' })
    expect(asked).toEqual([
      ['pull', chart.repository, '--version', '1.2.3', '--destination', path.join(folder, 'cache/charts')],
    ])
    const again = await provided({ offline: true, run: refusing })
    expect(again).toEqual({ file: pulled, from: 'pulled from oci://r.example/charts/web before' })
  })

  it.each<[string, ChartOptions, RegExp]>([
    ['offline', { offline: true }, /web 1\.2\.3: there is no folder of charts; no registry is asked/],
    ['without its registry', { run: refusing }, /oci:.* was not pulled: r\.example: no such host$/],
    ['by another version', { run: giving('web-9.tgz') }, /gave another chart than web-1\.2\.3\.tgz/],
  ])('says what was tried where it cannot be had %s', async (_, options, message) => {
    const failed = provided(options)
    await expect(failed).rejects.toBeInstanceOf(MissingChart)
    await expect(failed).rejects.toThrow(message)
  })
})
