import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { serveFolder } from './static-server.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-static-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(path.join(folder, 'report/data'), { recursive: true })
  writeFileSync(path.join(folder, 'secret.txt'), 'secret')
  writeFileSync(path.join(folder, 'report/index.html'), '<p>overview</p>')
  writeFileSync(path.join(folder, 'report/data/a b.svg'), '<svg/>')
})

/** As it is asked for: `fetch` would take `..` out of the path before it sends it. */
async function get(target: string, method = 'GET') {
  await using server = await serveFolder(path.join(folder, 'report'))
  const { port } = new URL(server.url)
  return await new Promise<{ status: number | undefined; type: string | undefined; body: string }>(
    (resolve, reject) => {
      request({ host: '127.0.0.1', port, path: target, method }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], body }))
      })
        .on('error', reject)
        .end()
    },
  )
}

describe('serveFolder', () => {
  it('serves the overview for the folder, and files by their names', async () => {
    expect(await get('/')).toEqual({ status: 200, type: 'text/html; charset=utf-8', body: '<p>overview</p>' })
    expect(await get('/data/a%20b.svg?v=1')).toMatchObject({ status: 200, type: 'image/svg+xml; charset=utf-8' })
    expect(await get('/index.html', 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it.each([
    '/gone',
    '/data',
    '/data/',
    '/../secret.txt',
    '/data/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%00',
    '/%E0%A4%A',
    '//secret.txt',
  ])('has nothing at %s', async (target) => {
    expect(await get(target)).toMatchObject({ status: 404, body: '' })
  })

  it('follows no link that leads out of the folder', async () => {
    symlinkSync(path.join(folder, 'secret.txt'), path.join(folder, 'report/linked.txt'))
    symlinkSync(path.join(folder, 'report/index.html'), path.join(folder, 'report/start.html'))
    expect(await get('/linked.txt')).toMatchObject({ status: 404 })
    expect(await get('/start.html')).toMatchObject({ status: 200 })
  })

  it('has no icon, and no error for that', async () => {
    expect(await get('/favicon.ico')).toMatchObject({ status: 204, body: '' })
  })

  it('changes nothing', async () => {
    expect(await get('/', 'PUT')).toMatchObject({ status: 405 })
  })
})
