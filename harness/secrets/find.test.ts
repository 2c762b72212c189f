import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { findSecrets } from './find.ts'
import { sampleSecrets } from './sample-secrets.ts'
import { secretKinds } from './signs.ts'

const samples = sampleSecrets()
const named = samples.map((sample, index) => ({ ...sample, title: `${sample.kind} (${index})` }))
const encode = (text: string | Buffer) => Buffer.from(text).toString('base64')
const kindsIn = (text: string) => findSecrets(text).map(({ kind }) => kind)

describe('findSecrets', () => {
  it('has a sample of every kind', () => {
    expect(new Set(samples.map(({ kind }) => kind))).toEqual(new Set(secretKinds))
  })

  it.each(named)('finds a $title where it stands', ({ kind, secret, text }) => {
    const [found] = findSecrets(text)
    expect(found).toMatchObject({ kind, within: [] })
    const shown = text.slice(found?.start, found?.end)
    expect(secret).toContain(shown)
    expect(shown.length).toBeGreaterThan(secret.length * 0.9)
  })

  it.each(named)('finds a $title as text in JSON, and as text in that', ({ kind, text }) => {
    expect(kindsIn(JSON.stringify({ data: text }))).toContain(kind)
    expect(kindsIn(JSON.stringify({ data: JSON.stringify({ text }) }))).toContain(kind)
  })

  it.each(named)('finds a $title in base64, in base64 of base64, and packed in it', ({ kind, text }) => {
    const padded = `some text before it\n${text}\nand behind it`
    expect(findSecrets(`{"content":"${encode(padded)}"}`)).toMatchObject([{ kind, within: ['base64'] }])
    expect(findSecrets(encode(encode(padded)))).toMatchObject([{ kind, within: ['base64', 'base64'] }])
    expect(findSecrets(`d("data/attachments/x","${encode(gzipSync(padded))}")`)).toMatchObject([
      { kind, within: ['base64', 'gzip'] },
    ])
  })

  it('finds what stands behind a word that may be base64 itself, however long', () => {
    const key = samples[0]?.text ?? ''
    for (const word of ['', 'a', 'ab', 'abc', 'data/']) {
      expect(findSecrets(`${word}${encode(key)}`)).toMatchObject([{ kind: 'private key', within: ['base64'] }])
    }
  })

  it('finds a key in what was packed and then cut', () => {
    const packed = gzipSync(`${samples[0]?.text}${randomBytes(20_000).toString('hex')}`)
    expect(kindsIn(encode(packed.subarray(0, packed.length / 2)))).toEqual(['private key'])
  })

  it('says of a kubeconfig that its key is in it, and not that its certificate is', () => {
    const config = samples.find(({ kind }) => kind === 'client key of a kubeconfig')?.text ?? ''
    const certificate = encode(`-----BEGIN CERTIFICATE-----\n${encode(randomBytes(300))}\n-----END CERTIFICATE-----\n`)
    expect(kindsIn(`${config}      client-certificate-data: ${certificate}\n`)).toEqual(['client key of a kubeconfig'])
  })

  it.each([
    [
      'a certificate',
      `-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIZk${encode(randomBytes(90))}\n-----END CERTIFICATE-----`,
    ],
    ['a public key', `-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE${encode(randomBytes(60))}`],
    ['digests', `sha256:${randomBytes(32).toString('hex')} ${randomBytes(32).toString('hex')}`],
    ['names of Events', '{"name":"worker.187a3f9b2c1d4e5f"} kube-proxy-8x2lq.187a3f9b2c1d4e5f'],
    [
      'what etcd calls its cluster',
      'ETCD_INITIAL_CLUSTER_TOKEN=K8s4Cluster01 {"name":"ETCD_INITIAL_CLUSTER_TOKEN","value":"K8s4Cluster01"}',
    ],
    [
      'names of Secrets',
      'TLS_SECRET=webhook-server-cert-2 AUTH_TOKEN=disabled token: bootstrap-token-abcdef0123456789',
    ],
    ['constants of a program', 'e.EXPECTED_TOKEN="EXPECTED_TOKEN",e.UNEXPECTED_TOKEN="UNEXPECTED_TOKEN"'],
    [
      'variables that stand for others',
      'API_TOKEN=$OTHER_TOKEN AWS_SECRET_ACCESS_KEY=/run/secrets/key TOKEN=<redacted>',
    ],
    ['words about a token', 'token: serviceaccounttokenrequest; "token": "/var/run/secrets/kubernetes.io/token1"'],
    ['a UID', '5f0c2c4e-7f0e-4b53-9d35-0e7b1f6a2f11'],
    ['flags without a value', 'FLAG: --password="" --tls-private-key-file="" --token=""'],
    ['words for a password', 'password: "" password=$PASSWORD password: <redacted> password: /etc/secret password=***'],
    ['what kubeadm withholds', 'kubeadm join lb:6443 --token <value withheld> --certificate-key <value withheld>'],
    ['a unit of systemd', 'systemd-ask-password-wall.path loaded active waiting Forward Password Requests to Wall'],
    [
      'the path of a key',
      '--tls-private-key-file=/var/lib/kubelet/pki/kubelet.key --client-key=/etc/kubernetes/pki/etcd.key',
    ],
    ['the path of a token', '{"name":"TOKEN_FILE","value":"/var/run/secrets/kubernetes.io/serviceaccount/token"}'],
    ['an address with a port', 'https://10.96.0.1:443/api/v1/namespaces/spegel and a mail to a@b.example'],
    ['a path of many words', `/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/${'Ab'.repeat(40)}`],
    ['a token that is not there', 'could not find a JWS signature for token ID "ab12cd"'],
  ])('takes %s for nothing', (_, text) => {
    expect(findSecrets(text)).toEqual([])
    expect(findSecrets(encode(text))).toEqual([])
  })

  it('takes the program in the page of a report for nothing', () => {
    const page = readFileSync('node_modules/@allurereport/plugin-awesome/dist/static/report.tar', 'latin1')
    expect(findSecrets(page)).toEqual([])
  })

  it('takes what is random for nothing, whatever it is written in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 400 }), (bytes) => {
        const buffer = Buffer.from(bytes)
        expect(findSecrets(buffer.toString('hex'))).toEqual([])
        expect(findSecrets(buffer.toString('base64'))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('finds a key in whatever text stands around it', () => {
    const key = samples[3]?.text ?? ''
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, behind) => {
        expect(kindsIn(`${before}${key}${behind}`)).toContain('private key')
        expect(kindsIn(`${before} ${encode(key)} ${behind}`)).toContain('private key')
      }),
    )
  })
})
