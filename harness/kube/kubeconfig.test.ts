import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'

import { readKubeconfig } from './kubeconfig.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

const config = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'mine',
  contexts: [
    { name: 'other', context: { cluster: 'other', user: 'other' } },
    { name: 'mine', context: { cluster: 'here', user: 'me', namespace: 'x' } },
  ],
  clusters: [
    { name: 'here', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': base64('ca') } },
  ],
  users: [
    { name: 'me', user: { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') } },
    { name: 'bearer', user: { token: 'secret' } },
  ],
}

function written(content: unknown): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-kubeconfig-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'kubeconfig')
  writeFileSync(file, typeof content === 'string' ? content : stringify(content))
  return file
}

describe('readKubeconfig', () => {
  it('gives the access of the current context', () => {
    expect(readKubeconfig(written(config))).toEqual({
      server: new URL('https://127.0.0.1:6443'),
      ca: Buffer.from('ca'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
      token: undefined,
    })
  })

  it('reads a token, and does without a certificate authority', () => {
    const contexts = [{ name: 'mine', context: { cluster: 'here', user: 'bearer' } }]
    const clusters = [{ name: 'here', cluster: { server: 'https://api.example' } }]
    const access = readKubeconfig(written({ ...config, contexts, clusters }))
    expect(access).toMatchObject({ token: 'secret', ca: undefined, cert: undefined, key: undefined })
  })

  it('reads the files that it names, from where it is itself', () => {
    const clusters = [{ name: 'here', cluster: { server: 'https://api.example', 'certificate-authority': './ca.crt' } }]
    const users = [
      {
        name: 'me',
        user: { 'client-certificate': 'me.crt', 'client-key': 'me.key', token: 'old', tokenFile: 'token' },
      },
    ]
    const file = written({ ...config, clusters, users })
    for (const name of ['ca.crt', 'me.crt', 'me.key', 'token']) {
      writeFileSync(path.join(path.dirname(file), name), `${name}\n`)
    }
    expect(readKubeconfig(file)).toEqual({
      server: new URL('https://api.example'),
      ca: Buffer.from('ca.crt\n'),
      cert: Buffer.from('me.crt\n'),
      key: Buffer.from('me.key\n'),
      token: 'token',
    })
  })

  it('does not mind what its other contexts use', () => {
    const users = [...config.users, { name: 'cloud', user: { exec: { command: 'aws' } } }]
    expect(readKubeconfig(written({ ...config, users })).token).toBeUndefined()
  })

  it('reads JSON, which kubectl writes too', () => {
    expect(readKubeconfig(written(JSON.stringify(config))).server.port).toBe('6443')
  })

  it.each([
    ['is no YAML', 'contexts: [', /Flow sequence/],
    ['is empty', '', /: all of it: Invalid input: expected object/],
    [
      'has no current context',
      { ...config, 'current-context': undefined },
      /: current-context: Invalid input: expected string/,
    ],
    ['has no such context', { ...config, 'current-context': 'gone' }, /it has no context named "gone"/],
    ['has no such cluster', { ...config, clusters: [] }, /it has no cluster named "here"/],
    ['has no such user', { ...config, users: [] }, /it has no user named "me"/],
    [
      'names a server that is no URL',
      { ...config, clusters: [{ name: 'here', cluster: { server: 'here' } }] },
      /: clusters\.0\.cluster\.server: Invalid URL$/,
    ],
    [
      'names a server without TLS',
      { ...config, clusters: [{ name: 'here', cluster: { server: 'http://127.0.0.1:8001' } }] },
      /: the server http:\/\/127\.0\.0\.1:8001 is not https$/,
    ],
    [
      'asks a program for credentials',
      { ...config, users: [{ name: 'me', user: { exec: { command: 'aws' } } }] },
      /: user me gets its credentials from a program \(exec\), and none is run for it here$/,
    ],
    [
      'does not check who answers',
      {
        ...config,
        clusters: [{ name: 'here', cluster: { server: 'https://a.example', 'insecure-skip-tls-verify': true } }],
      },
      /: cluster here skips the check/,
    ],
    [
      'names a file that is not there',
      { ...config, users: [{ name: 'me', user: { tokenFile: './gone' } }] },
      /: ENOENT.*gone/,
    ],
  ])('is wrong usage where the file %s', (_, content, message) => {
    const file = written(content)
    expect(() => readKubeconfig(file)).toThrow(message)
    expect(() => readKubeconfig(file)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 2,
        message: expect.stringContaining(`cannot use the kubeconfig ${file}: `),
        hint: expect.stringContaining('kubectl config view'),
        cause: expect.any(Error),
      }),
    )
  })

  it('is wrong usage where there is no file', () => {
    const file = `${written('')}.gone`
    expect(() => readKubeconfig(file)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('ENOENT') }),
    )
  })
})
