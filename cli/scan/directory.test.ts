import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import { pack } from 'tar-stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'

import { sampleSecrets } from '../../harness/secrets/sample-secrets.ts'
import { scanDirectory } from './directory.ts'
import { type Leak, leaksIn, type ScanFileOptions } from './file.ts'
import { scanExitCode, scanText } from './text.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-scan-'))
afterEach(() => rmSync(folder, { recursive: true }))

function put(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

const samples = sampleSecrets()
const keyText = samples[0]?.text ?? ''
const token = samples.find(({ kind }) => kind === 'bootstrap token')

describe('scanDirectory', () => {
  it('finds nothing in what is harmless, and counts it', async () => {
    put('journal/a.jsonl', '{"t":1}\n{"t":2}\n')
    put('run.log', '')
    expect(await scanDirectory(folder)).toEqual({ files: 2, bytes: 16, leaks: [], found: 0, unread: [] })
  })

  it('says where a secret is, by file, line and column', async () => {
    const file = put('bundles/x/worker/kubelet.log', `one\ntwo\n    ${token?.text}\n`)
    const { leaks } = await scanDirectory(folder)
    const column = 5 + (token?.text.indexOf(token.secret) ?? 0)
    expect(leaks).toEqual([{ file, kind: 'bootstrap token', line: 3, column, within: [] }])
  })

  it('looks into what is packed, and into archives in it', async () => {
    const archive = pack()
    archive.entry({ name: 'bundle/pods.json' }, '{}\n')
    archive.entry({ name: 'bundle/ca.log' }, keyText)
    archive.finalize()
    const packed = gzipSync(await buffer(archive))
    const file = put('allure-results/0-attachment.tar.gz', packed)
    put('report/index.html', `<script>\nd("data/attachments/0.tar.gz","${packed.toString('base64')}")</script>`)
    expect((await scanDirectory(folder)).leaks).toMatchObject([
      { file, kind: 'private key', within: ['gzip'] },
      { kind: 'private key', line: 2, within: ['base64', 'gzip'] },
    ])
  })

  it('names what has something packed in it, and tells what else it found there', async () => {
    const archive = pack()
    archive.entry({ name: 'bundle/', type: 'directory' })
    archive.entry({ name: 'bundle/old.log.gz' }, gzipSync('old'))
    archive.entry({ name: 'bundle/ca.log' }, keyText)
    archive.finalize()
    put('bundle.tar.gz', gzipSync(await buffer(archive)))
    put('twice.gz', gzipSync(gzipSync('once')))
    const result = await scanDirectory(folder)
    expect(result.leaks).toMatchObject([{ kind: 'private key' }])
    expect(result.unread.map(({ file, why }) => [path.basename(file), why])).toEqual([
      ['bundle.tar.gz', 'it has something in it that is packed by gzip'],
      ['twice.gz', 'it has something in it that is packed by gzip'],
    ])
  })

  it('tells the first ten of a file, and counts the others', async () => {
    put('a.log', `${token?.text}\n`.repeat(25))
    const result = await scanDirectory(folder)
    expect(result.leaks).toHaveLength(10)
    expect(result.found).toBe(25)
    expect(scanText(result, 0)).toContain('and 15 more in the same files')
  })

  it('names what it cannot look into', async () => {
    put('trace.zip', Buffer.from('PK\u0003\u0004rest'))
    symlinkSync('/nowhere', path.join(folder, 'link'))
    put('broken.gz', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x01]))
    const result = await scanDirectory(folder)
    expect(result.unread.map(({ file }) => path.basename(file))).toEqual(['broken.gz', 'link', 'trace.zip'])
    expect(scanExitCode(result)).toBe(3)
  })
})

describe('leaksIn', () => {
  const all = async (file: string, options: ScanFileOptions): Promise<Leak[]> => {
    const leaks: Leak[] = []
    for await (const leak of leaksIn(file, options)) leaks.push(leak)
    return leaks
  }

  it('finds the same however the file is read', async () => {
    const file = put('a.log', `first\n${keyText}\nthird: ${token?.text}\n`)
    const whole = await all(file, {})
    expect(whole.map(({ kind }) => kind)).toEqual(['private key', 'bootstrap token'])
    for (const bytes of [1_000, 3_000]) {
      const read = await all(file, { bytes })
      expect(read[0]).toEqual(whole[0])
      expect(read.at(-1)).toEqual(whole[1])
    }
  })

  it('finds what stands on two lines, whichever part these are in', async () => {
    const key = samples.find(({ text }) => text.includes('certificate key:\n'))?.text ?? ''
    const file = put('kubeadm.log', `${'a line\n'.repeat(40)}${key}\nthe end\n`)
    const whole = await all(file, {})
    expect(whole).toMatchObject([{ kind: 'certificate key of kubeadm', line: 42, column: 1 }])
    for (let bytes = 200; bytes < 400; bytes += 7) expect(await all(file, { bytes })).toEqual(whole)
  })

  it('finds what lies across two parts of a very long line, and where', async () => {
    for (let at = 900; at < 1_150; at += 10) {
      const file = put('long.html', `${' '.repeat(at)}${token?.text}${' '.repeat(900)}`)
      const column = at + 1 + (token?.text.indexOf(token.secret) ?? 0)
      expect(await all(file, { bytes: 100, longest: 1_000, overlapping: 200 })).toContainEqual(
        expect.objectContaining({ line: 1, column, kind: 'bootstrap token' }),
      )
    }
  })
})

describe('scanText', () => {
  it('never shows a secret', async () => {
    for (const [index, { text }] of samples.entries()) put(`${index}.txt`, text)
    const result = await scanDirectory(folder)
    const shown = scanText(result, 1_200)
    for (const { secret } of samples) expect(shown).not.toContain(secret)
    expect(shown).toMatch(/\d+ secrets found \(\d+ files, 0\.0 MB, 1\.2 s\)$/)
    expect(new Set(result.leaks.map(({ file }) => file)).size).toBe(samples.length)
    expect(scanExitCode(result)).toBe(1)
  })

  it('is one line where there is nothing to say', async () => {
    put('a.txt', 'nothing')
    const result = await scanDirectory(folder)
    expect(scanText(result, 100)).toBe('nothing secret found (1 file, 0.0 MB, 0.1 s)')
    expect(scanExitCode(result)).toBe(0)
  })
})
