import { generateKeyPairSync, randomBytes } from 'node:crypto'

import { stringify } from 'yaml'

import type { SecretKind } from './signs.ts'

/** Secrets for tests, made anew each time: none stands in a file of the project. */
export function sampleSecrets(): readonly {
  readonly kind: SecretKind
  readonly secret: string
  readonly text: string
}[] {
  const keys = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    ed25519: generateKeyPairSync('ed25519').privateKey,
  }
  const key = 'private key' as const
  const rsa = keys.rsa.export({ type: 'pkcs1', format: 'pem' }).toString()
  const pkcs8 = keys.rsa.export({ type: 'pkcs8', format: 'pem' }).toString()
  const sec1 = keys.ec.export({ type: 'sec1', format: 'pem' }).toString()
  const ec = keys.ec.export({ type: 'pkcs8', format: 'pem' }).toString()
  const edwards = keys.ed25519.export({ type: 'pkcs8', format: 'pem' }).toString()
  const token = `${wordOf('0123456789abcdefghijklmnopqrstuvwxyz', 6)}.${wordOf('ghijklmnopqrstuvwxyz0123', 16)}`
  const jwt = `${part({ alg: 'RS256', kid: 'a' })}.${part({ iss: 'kubernetes/serviceaccount' })}.${randomBytes(256).toString('base64url')}`
  const certificateKey = randomBytes(32).toString('hex')
  const password = `Pa${randomBytes(6).toString('base64url')}9`
  const k3s = `K10${randomBytes(32).toString('hex')}::server:${randomBytes(16).toString('hex')}`
  const issued = `kubeconfig-u-8x2lq:${wordOf('bcdfghjklmnpqrstvwxz2456789', 54)}`
  const clientKey = Buffer.from(ec).toString('base64')
  return [
    ...[rsa, pkcs8, sec1, ec, edwards].map((secret) => ({
      kind: key,
      secret: secret.trim(),
      text: `ca.key:\n${secret}`,
    })),
    ...[rsa, pkcs8, sec1, ec, edwards].map((pem) => ({ kind: key, secret: body(pem), text: `cut: ${body(pem)}` })),
    {
      kind: 'client key of a kubeconfig',
      secret: clientKey,
      text: stringify({ users: [{ name: 'admin', user: { 'client-key-data': clientKey } }] }, { lineWidth: 0 }),
    },
    { kind: 'token of a ServiceAccount or user (JWT)', secret: jwt, text: `authorization: Bearer ${jwt}` },
    { kind: 'bootstrap token', secret: token, text: `kubeadm join lb:6443 --token ${token} --v=5` },
    {
      kind: 'bootstrap token',
      secret: 'ab12cd.0123456789abcdef',
      text: 'bootstrapTokens:\n  - token: ab12cd.0123456789abcdef',
    },
    { kind: 'bootstrap token', secret: token, text: `the cluster knows ${token}` },
    {
      kind: 'bootstrap token',
      secret: 'MDEyMzQ1Njc4OWFiY2RlZg==',
      text: '{"data":{"token-id":"YWIxMmNk","token-secret":"MDEyMzQ1Njc4OWFiY2RlZg=="}}',
    },
    { kind: 'certificate key of kubeadm', secret: certificateKey, text: `certificateKey: ${certificateKey}` },
    { kind: 'certificate key of kubeadm', secret: certificateKey, text: `--certificate-key ${certificateKey}` },
    {
      kind: 'certificate key of kubeadm',
      secret: certificateKey,
      text: `[upload-certs] Using certificate key:\n${certificateKey}\n`,
    },
    { kind: 'token of k3s', secret: k3s, text: `node-token ${k3s}\n` },
    { kind: 'token of k3s', secret: certificateKey, text: `K3S_TOKEN=${certificateKey}` },
    { kind: 'bearer token', secret: certificateKey, text: `Authorization: Bearer ${certificateKey}` },
    { kind: 'bearer token', secret: issued, text: `- name: someone\n  user:\n    token: ${issued}\n` },
    { kind: 'password', secret: password, text: `password: ${password}` },
    { kind: 'password', secret: certificateKey, text: `AWS_SECRET_ACCESS_KEY=${certificateKey}` },
    { kind: 'password', secret: certificateKey, text: `Environment="API_TOKEN=${certificateKey}" "TZ=UTC"` },
    { kind: 'password', secret: password, text: `etcdctl --user=root --password=${password} get /` },
    { kind: 'password', secret: password, text: `REDIS_PASSWORD='${password}'` },
    { kind: 'password', secret: password, text: `[{"name":"DB_PASSWORD","value":"${password}"}]` },
    { kind: 'password', secret: password, text: `[{"name": "API_TOKEN", "value": "${password}"}]` },
    { kind: 'password', secret: password, text: `proxy http://someone:${password}@proxy.example:3128` },
    {
      kind: 'password',
      secret: Buffer.from(`someone:${password}`).toString('base64'),
      text: `{"auths":{"registry.example":{"auth":"${Buffer.from(`someone:${password}`).toString('base64')}"}}}`,
    },
    {
      kind: 'password',
      secret: Buffer.from(`someone:${password}`).toString('base64'),
      text: `Authorization: Basic ${Buffer.from(`someone:${password}`).toString('base64')}`,
    },
  ]
}

/** A word of these letters; the first byte of what is random is as good as any. */
function wordOf(letters: string, length: number): string {
  return [...randomBytes(length)].map((byte) => letters[byte % letters.length] ?? '').join('')
}

/** A key without its first line and its last. */
function body(pem: string): string {
  return pem.split('\n').slice(1, -2).join('')
}

/** A part of a JWT. */
function part(fields: object): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url')
}
