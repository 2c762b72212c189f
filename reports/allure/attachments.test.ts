import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

import { extract } from 'tar-stream'
import { expect, it, onTestFinished } from 'vitest'

import { bundleAttachment, packFiles } from './attachments.ts'

function directory(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
  return folder
}

async function unpacked(packed: Buffer): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  const archive = extract()
  archive.end(gunzipSync(packed))
  for await (const entry of archive) files[entry.header.name] = await text(entry)
  return files
}

it('packs a bundle whole, in the folder of its name', async () => {
  const out = directory({ 'bundles/x/worker/kubelet.log': 'text', 'bundles/x/empty.log': '' })
  const message = await bundleAttachment(out, 'bundles/x')
  expect(message).toMatchObject({ type: 'attachment_content', data: { name: 'diagnostics bundle' } })
  const content = message.type === 'attachment_content' ? message.data.content : ''
  expect(await unpacked(Buffer.from(content, 'base64'))).toEqual({ 'x/empty.log': '', 'x/worker/kubelet.log': 'text' })
})

it('leaves out what has vanished or is a directory by now, and names it', async () => {
  const folder = directory({ 'a.log': 'first', 'taken.log/b': '', 'z.log': 'last' })
  const { packed, unread } = await packFiles(folder, ['a.log', 'gone.log', 'taken.log', 'z.log'])
  const name = path.basename(folder)
  expect(unread).toBe(2)
  expect(await unpacked(packed)).toEqual({
    [`${name}/a.log`]: 'first',
    [`${name}/z.log`]: 'last',
    [`${name}/left-out.txt`]: 'gone.log: ENOENT\ntaken.log: EISDIR\n',
  })
})

it('says of a bundle that is not there why', async () => {
  expect(await bundleAttachment(directory({}), 'bundles/x')).toMatchObject({
    data: { name: 'diagnostics bundle (left out)', content: expect.stringContaining('ENOENT') },
  })
})

it('packs the same files to the same bytes', async () => {
  const folder = directory({ 'a.log': 'first' })
  expect((await packFiles(folder, ['a.log'])).packed).toEqual((await packFiles(folder, ['a.log'])).packed)
})
