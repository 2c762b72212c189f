import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'

import { pack } from 'tar-stream'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { archivesIn, damagedError, imagesIn } from './archives.ts'

let folder: string
let cache: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'archives-'))
  cache = path.join(folder, 'cache')
  onTestFinished(() => rm(folder, { recursive: true }))
})

async function tar(files: Record<string, string | Buffer>): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content)
  archive.finalize()
  return buffer(archive)
}

const manifest = (...images: string[]) => JSON.stringify([{ Config: 'c.json', RepoTags: images, Layers: [] }])
/** Does not compress, so that a cut gzip file loses it. */
const layer = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 13))

async function file(name: string, content: Buffer): Promise<string> {
  const at = path.join(folder, name)
  await writeFile(at, content)
  return at
}

describe('imagesIn', () => {
  it('reads the names, gzipped or not, wherever the manifest stands', async () => {
    const first = await tar({ 'manifest.json': manifest('a/b:1', 'a/b:2'), 'layer.tar': layer })
    const last = await tar({ 'layer.tar': layer, 'manifest.json': manifest('a/b:1', 'a/b:2') })
    for (const content of [first, last, gzipSync(first), gzipSync(last)]) {
      expect(await imagesIn(await file('a.tar.gz', content))).toEqual(['a/b:1', 'a/b:2'])
    }
  })

  it('finds no name where an image has none', async () => {
    const content = await tar({ 'manifest.json': '[{"Config": "c", "RepoTags": null, "Layers": []}]' })
    expect(await imagesIn(await file('a.tar', content))).toEqual([])
  })
})

describe('archivesIn', () => {
  it('lists the archives of a folder and nothing else', async () => {
    await file('b.tar.gz', gzipSync(await tar({ 'manifest.json': manifest('b:1') })))
    await file('a.tar', await tar({ 'manifest.json': manifest('a:1') }))
    await file('README.md', Buffer.from('# not an archive'))
    expect(await archivesIn(folder, cache)).toEqual([
      { file: path.join(folder, 'a.tar'), images: ['a:1'] },
      { file: path.join(folder, 'b.tar.gz'), images: ['b:1'] },
    ])
  })

  it('reads an archive again only when it has changed', async () => {
    const content = await tar({ 'manifest.json': manifest('a:1') })
    const at = await file('a.tar', content)
    const then = new Date('2026-01-01T00:00:00Z')
    await utimes(at, then, then)
    await archivesIn(folder, cache)
    await file('a.tar', Buffer.alloc(content.length))
    await utimes(at, then, then)
    expect(await archivesIn(folder, cache)).toEqual([{ file: at, images: ['a:1'] }])
    await utimes(at, new Date(), new Date())
    expect(await archivesIn(folder, cache)).toEqual([{ file: at, damage: expect.any(String) }])
  })

  it('does without a cache that cannot be written or read', async () => {
    await file('a.tar', await tar({ 'manifest.json': manifest('a:1') }))
    await archivesIn(folder, cache)
    for (const name of await readdir(path.join(cache, 'archives')))
      await writeFile(path.join(cache, 'archives', name), '{')
    expect(await archivesIn(folder, cache)).toMatchObject([{ images: ['a:1'] }])
    expect(await archivesIn(folder, path.join(folder, 'a.tar'))).toMatchObject([{ images: ['a:1'] }])
  })

  it.each<[string, () => Promise<Buffer>, RegExp]>([
    ['a gzip file that was cut', async () => cut(gzipSync(await goodTar())), /ends too early/],
    ['a tar file that was cut', async () => cut(await goodTar()), /ends too early/],
    ['gzipped text', async () => gzipSync(Buffer.from('# read me\n'.repeat(100))), /not a tar archive/],
    ['text', async () => Buffer.from('# read me\n'.repeat(100)), /not a tar archive/],
    ['an empty file', async () => Buffer.alloc(0), /no manifest\.json/],
    ['a tar of something else', () => tar({ 'chart.yaml': 'name: x' }), /no manifest\.json/],
    ['a manifest that is not JSON', () => tar({ 'manifest.json': '[{' }), /not JSON/],
    ['a manifest of something else', () => tar({ 'manifest.json': '{"name": "app"}' }), /not the one of `docker save`/],
    ['gzip data with a wrong byte', async () => flip(gzipSync(await goodTar())), /damaged|too early|not a tar/],
  ])('says what is wrong with %s', async (_, content, damage) => {
    const at = await file('x.tar.gz', await content())
    expect(await archivesIn(folder, cache)).toEqual([{ file: at, damage: expect.stringMatching(damage) }])
  })

  it('says what is wrong with a file that is cut while it is known', async () => {
    const at = await file('x.tar', await goodTar())
    await archivesIn(folder, cache)
    await truncate(at, 2_000)
    expect(await archivesIn(folder, cache)).toEqual([{ file: at, damage: 'it ends too early' }])
  })
})

describe('damagedError', () => {
  it('names the files, what is wrong, and what to do', () => {
    const error = damagedError([{ file: '/i/x.tar.gz', damage: 'it ends too early' }], 'a/b:1')
    expect(error.message).toBe('a/b:1 may be in an image archive that is damaged: /i/x.tar.gz: it ends too early')
    expect(error.exitCode).toBe(3)
    expect(error.hint).toMatch(/Copy the archive again/)
  })
})

const goodTar = () => tar({ 'layer.tar': layer, 'manifest.json': manifest('a:1') })
const cut = (content: Buffer) => content.subarray(0, content.length / 2)

function flip(content: Buffer): Buffer {
  content.fill(0xff, 2_000, 2_400)
  return content
}
