import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { KubeApi, KubeApiError } from './api.ts'
import type { KubeAccess } from './kubeconfig.ts'

/** DER, as X.690 has it: a tag, a length, the content. */
function der(tag: number, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  const { length } = content
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), content])
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))

/** A key and its certificate for 127.0.0.1: neither openssl nor a secret in the repository is needed. */
function selfSigned(): { key: string; cert: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'))
  const name = sequence(der(0x31, sequence(objectId('550403'), der(0x0c, 'clusterproof test'))))
  const subjectAltName = sequence(objectId('551d11'), der(0x04, sequence(der(0x87, Buffer.from([127, 0, 0, 1])))))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    sequence(der(0x17, '200101000000Z'), der(0x17, '491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(subjectAltName)),
  )
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), sign('sha256', body, privateKey)))
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: Buffer.from(pem) }
}

interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

const identity = selfSigned()
let server: Server
let answer: (response: ServerResponse) => void
let asked: Asked[]

beforeAll(async () => {
  server = createServer(identity, (request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const { method, url, headers } = request
      asked.push({ method, url, headers, body })
      answer(response)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void server.close())
beforeEach(() => {
  asked = []
  answer = (response) => void response.end('{}')
})

function connect(changes: Partial<KubeAccess> = {}): KubeApi {
  // It listens on a TCP port, so that its address is no text.
  const { port } = server.address() as AddressInfo
  const url = new URL(`https://127.0.0.1:${port}`)
  const api = new KubeApi({
    server: url,
    ca: identity.cert,
    cert: undefined,
    key: undefined,
    token: 'secret',
    ...changes,
  })
  onTestFinished(() => api[Symbol.dispose]())
  return api
}

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }

describe('KubeApi', () => {
  it('reads an object, with its credentials', async () => {
    answer = (response) => void response.end(JSON.stringify({ gitVersion: 'v1.34.4' }))
    expect(await connect().get('/version')).toEqual({ gitVersion: 'v1.34.4' })
    expect(asked).toMatchObject([
      {
        method: 'GET',
        url: '/version',
        headers: { accept: 'application/json', authorization: 'Bearer secret' },
        body: '',
      },
    ])
  })

  it('says nothing of a token that it has not', async () => {
    await connect({ token: undefined }).get('/')
    expect(asked[0]?.headers).not.toHaveProperty('authorization')
  })

  it('reads text as it stands', async () => {
    answer = (response) => void response.end('ok\n')
    expect(await connect().text('/readyz')).toBe('ok\n')
  })

  it('takes an empty answer as nothing', async () => {
    answer = (response) => void response.end()
    expect(await connect().get('/')).toBeNull()
  })

  it('creates, patches and applies with the content type of each', async () => {
    const api = connect()
    await api.create('/c', configMap)
    await api.patch('/p', { spec: { unschedulable: true } })
    await api.apply('/a', configMap)
    const [created, patched, applied] = asked
    expect(created).toMatchObject({ method: 'POST', url: '/c', headers: { 'content-type': 'application/json' } })
    expect(patched).toMatchObject({
      method: 'PATCH',
      url: '/p',
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    expect(applied).toMatchObject({
      method: 'PATCH',
      url: '/a?fieldManager=clusterproof&force=true',
      headers: { 'content-type': 'application/apply-patch+yaml' },
    })
    expect([created, patched, applied].map((request) => JSON.parse(request?.body ?? ''))).toEqual([
      configMap,
      { spec: { unschedulable: true } },
      configMap,
    ])
  })

  it('is content where there is nothing to delete, and only then', async () => {
    answer = (response) => void response.writeHead(404).end()
    await connect().delete('/gone')
    expect(asked).toMatchObject([{ method: 'DELETE', url: '/gone' }])
    answer = (response) => void response.writeHead(409).end()
    await expect(connect().delete('/busy')).rejects.toMatchObject({ status: 409 })
  })

  it('says what was asked, the status and the API server’s own words', async () => {
    const status = { kind: 'Status', message: 'pods is forbidden: User "x" cannot list', code: 403 }
    answer = (response) => void response.writeHead(403).end(JSON.stringify(status))
    const error = await connect()
      .get('/api/v1/pods')
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(KubeApiError)
    expect(error).toMatchObject({
      status: 403,
      message: 'GET /api/v1/pods: 403 pods is forbidden: User "x" cannot list',
    })
  })

  it('shows the beginning of an answer that is no Status', async () => {
    answer = (response) => void response.writeHead(502).end(`bad gateway ${'x'.repeat(1_000)}`)
    await expect(connect().get('/')).rejects.toMatchObject({
      status: 502,
      message: expect.stringMatching(/: 502 bad gateway x{288}$/),
    })
  })

  it('gives up a request without an answer', async () => {
    answer = () => undefined
    await expect(connect().get('/slow', { timeoutMs: 5 })).rejects.toMatchObject({
      status: 0,
      message: 'GET /slow: no answer within 5 ms',
    })
  })

  it('ends a request with its signal', async () => {
    const abort = new AbortController()
    answer = () => abort.abort()
    await expect(connect().get('/', { signal: abort.signal })).rejects.toMatchObject({
      status: 0,
      message: 'GET /: The operation was aborted',
    })
  })

  it('throws nothing at nobody where its signal comes with the end of the answer', async () => {
    const thrown: unknown[] = []
    const listener = (error: unknown) => void thrown.push(error)
    process.on('uncaughtException', listener)
    onTestFinished(() => void process.off('uncaughtException', listener))
    const abort = new AbortController()
    const response = await connect().open('GET', '/', { signal: abort.signal })
    const read = async () => {
      for await (const chunk of response) {
        expect(String(chunk)).toBe('{}')
        abort.abort()
      }
    }
    await read().catch(() => undefined)
    await new Promise((resolve) => void setImmediate(resolve))
    expect(thrown).toEqual([])
  })

  it('says that nobody listens', async () => {
    const api = connect({ server: new URL('https://127.0.0.1:1') })
    await expect(api.get('/')).rejects.toMatchObject({ status: 0, message: expect.stringContaining('ECONNREFUSED') })
  })

  it('says that an answer broke off', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"half": ')
      setImmediate(() => void response.destroy())
    }
    await expect(connect().get('/')).rejects.toMatchObject({
      status: 0,
      message: expect.stringContaining('the answer broke off'),
    })
  })

  it('does not speak to a server that it cannot tell from another', async () => {
    await expect(connect({ ca: selfSigned().cert }).get('/')).rejects.toMatchObject({ status: 0 })
    expect(asked).toEqual([])
  })
})
