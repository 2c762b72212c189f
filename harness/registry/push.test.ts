import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { describe, expect, it, onTestFinished } from 'vitest'

import { makeImage } from './image.ts'
import { pushImage } from './push.ts'

const image = await makeImage({ repository: 'a/b', tag: 'v1', layers: [{ bytes: 300_000 }], seed: 's' })

type Answer = readonly [status: number, body?: string]

/** A registry of the parts of the API that a push uses; `refuses` may answer first. */
async function fakeRegistry(refuses: (request: IncomingMessage) => Answer | undefined = () => undefined) {
  const held = new Map<string, Buffer>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const { method = '', url = '' } = request
      const { pathname, searchParams } = new URL(url, 'http://registry')
      asked.push(`${method} ${pathname}`)
      const content = await buffer(request)
      const refusal = refuses(request)
      const digest = searchParams.get('digest')
      if (refusal !== undefined) return response.writeHead(refusal[0]).end(refusal[1])
      if (method === 'HEAD') return response.writeHead(held.has(pathname.split('/').at(-1) ?? '') ? 200 : 404).end()
      if (method === 'POST') return response.writeHead(202, { location: '/v2/a/b/blobs/uploads/1?_state=x' }).end()
      held.set(digest ?? pathname, content)
      return response.writeHead(201).end()
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on TCP has an address of this form.
  const { port } = server.address() as AddressInfo
  return { endpoint: `http://127.0.0.1:${port}`, held, asked }
}

describe('pushImage', () => {
  it('puts blobs and then the manifest, whole', async () => {
    const { endpoint, held, asked } = await fakeRegistry()
    const { bytes } = await pushImage(endpoint, image)
    expect(bytes).toBe(image.size)
    for (const { digest, size } of image.blobs) expect(held.get(digest)).toHaveLength(size)
    expect(held.get('/v2/a/b/manifests/v1')).toStrictEqual(image.manifest.content)
    expect(asked.at(-1)).toBe('PUT /v2/a/b/manifests/v1')
  })

  it('sends what the registry has no second time', async () => {
    const { endpoint } = await fakeRegistry()
    await pushImage(endpoint, image)
    expect(await pushImage(endpoint, image)).toMatchObject({ bytes: image.manifest.size })
  })

  it('says which request was answered how', async () => {
    const { endpoint } = await fakeRegistry(({ method }) => (method === 'POST' ? [405, '{"errors":[]}'] : undefined))
    await expect(pushImage(endpoint, image)).rejects.toThrow(
      `POST ${endpoint}/v2/a/b/blobs/uploads/: 405 and not 202: {"errors":[]}`,
    )
    await expect(pushImage(endpoint, image)).rejects.toMatchObject({ name: 'RegistryError', status: 405 })
  })

  it('says why there was no answer', async () => {
    await expect(pushImage('http://127.0.0.1:1', image)).rejects.toMatchObject({
      status: null,
      message: expect.stringMatching(/^HEAD http:\/\/127\.0\.0\.1:1\/v2\/a\/b\/blobs\/sha256:\w+: no answer: ./),
    })
  })
})
