import { readFileSync } from 'node:fs'
import path from 'node:path'

import { parse } from 'yaml'
import { z } from 'zod'

import { messageOf } from '../error-message.ts'
import { UserError } from '../user-error.ts'

const kubeconfigSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.looseObject({
        server: z.url(),
        'certificate-authority-data': z.string().optional(),
        'certificate-authority': z.string().optional(),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.looseObject({
        'client-certificate-data': z.string().optional(),
        'client-certificate': z.string().optional(),
        'client-key-data': z.string().optional(),
        'client-key': z.string().optional(),
        token: z.string().optional(),
        tokenFile: z.string().optional(),
      }),
    }),
  ),
})

/** What a TLS connection to an API server needs. */
export interface KubeAccess {
  readonly server: URL
  readonly ca: Buffer | undefined
  readonly cert: Buffer | undefined
  readonly key: Buffer | undefined
  readonly token: string | undefined
}

/**
 * The access that a kubeconfig's current context gives. Credentials stand in the file itself, as kind and kubeadm
 * write them, or in files that it names, relative to itself, which are read once. The client library would load ninety
 * megabytes of generated classes to read the same few fields.
 * @throws {UserError} where the file is no such kubeconfig
 */
export function readKubeconfig(file: string): KubeAccess {
  try {
    const config = kubeconfigSchema.parse(parse(readFileSync(file, 'utf8')))
    const { context } = named(config.contexts, config['current-context'], 'context')
    const { cluster } = named(config.clusters, context.cluster, 'cluster')
    const { user } = named(config.users, context.user, 'user')
    refuse(cluster, `cluster ${context.cluster}`)
    refuse(user, `user ${context.user}`)
    if (!cluster.server.startsWith('https://')) throw new RangeError(`the server ${cluster.server} is not https`)
    const read = (name: string | undefined) =>
      name === undefined ? undefined : readFileSync(path.resolve(path.dirname(file), name))
    return {
      server: new URL(cluster.server),
      ca: decode(cluster['certificate-authority-data']) ?? read(cluster['certificate-authority']),
      cert: decode(user['client-certificate-data']) ?? read(user['client-certificate']),
      key: decode(user['client-key-data']) ?? read(user['client-key']),
      // client-go, clientcmd/api: of the two, what the file says takes precedence.
      token: read(user.tokenFile)?.toString().trim() ?? user.token,
    }
  } catch (cause) {
    throw new UserError(`cannot use the kubeconfig ${file}: ${reason(cause)}`, {
      exitCode: 2,
      hint:
        'It must hold a current context, a server, and a certificate or a token: kubectl config view --flatten --raw ' +
        'shows what it holds, kubectl create token NAME makes a token.',
      cause,
    })
  }
}

/** Ways to reach a server, or to say who asks, that are not supported here, each with what is said of it. */
const unsupported = {
  exec: 'gets its credentials from a program (exec), and none is run for it here',
  'auth-provider': 'gets its credentials from an auth-provider, which is not supported',
  username: 'has a name and a password, which no API server takes any more',
  'insecure-skip-tls-verify': "skips the check of the server's certificate, which is not supported",
  'tls-server-name': 'has a tls-server-name, which is not supported',
  'proxy-url': 'is reached by a proxy (proxy-url), which is not supported',
} as const

/** @throws {RangeError} where the cluster or user has one of these: without it the server would only say no */
function refuse(entry: Record<string, unknown>, what: string): void {
  for (const [field, message] of Object.entries(unsupported)) {
    if (entry[field]) throw new RangeError(`${what} ${message}`)
  }
}

function reason(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    return cause.issues.map((issue) => `${issue.path.join('.') || 'all of it'}: ${issue.message}`).join('; ')
  }
  return messageOf(cause)
}

function named<T extends { name: string }>(list: readonly T[], name: string, what: string): T {
  const found = list.find((item) => item.name === name)
  if (found === undefined) throw new RangeError(`it has no ${what} named ${JSON.stringify(name)}`)
  return found
}

function decode(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64')
}
