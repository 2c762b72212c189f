import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { run } from '../harness/process.ts'
import { sampleSecrets } from '../harness/secrets/sample-secrets.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-scan-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const scan = (...args: string[]) =>
  run(process.execPath, [path.join(projectFolder, 'cli/scan.ts'), ...args], { reject: false, timeoutMs: 30_000 })

describe('npm run scan', () => {
  it('ends with 0 where nothing is found, and with 1 where something is, which it does not show', async () => {
    const [clean, leaking] = [path.join(folder, 'clean'), path.join(folder, 'leaking')]
    mkdirSync(clean)
    mkdirSync(leaking)
    writeFileSync(path.join(clean, 'run.log'), '18:48:14  fault struck  reboot on kind-ajex-aw81-worker\n')
    const samples = sampleSecrets()
    writeFileSync(path.join(leaking, 'run.log'), samples.map(({ text }) => text).join('\n'))
    expect(await scan(clean)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^nothing secret found \(1 file,/),
    })
    const both = await scan(clean, leaking)
    expect(both).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/leaking\/run\.log:\d+:\d+: private key$/m),
    })
    for (const { secret } of samples) expect(both.stdout + both.stderr).not.toContain(secret)
  })

  it('is wrong usage of a directory that is not there, and concludes nothing of an empty one', async () => {
    expect(await scan(path.join(folder, 'gone'))).toMatchObject({ exitCode: 2, stdout: '' })
    expect(await scan(folder)).toMatchObject({ exitCode: 3, stdout: '' })
  })
})
