import { readFileSync } from 'node:fs'

import { parse } from 'yaml'
import { z } from 'zod'

import { UserError } from '../user-error.ts'

const kubeconfigSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({ server: z.url(), 'certificate-authority-data': z.string().optional() }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        'client-certificate-data': z.string().optional(),
        'client-key-data': z.string().optional(),
        token: z.string().optional(),
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
 * write them; the client library would load ninety megabytes of generated classes to read the same five fields.
 * @throws {UserError} where the file is no such kubeconfig
 */
export function readKubeconfig(file: string): KubeAccess {
  try {
    const config = kubeconfigSchema.parse(parse(readFileSync(file, 'utf8')))
    const { context } = named(config.contexts, config['current-context'], 'context')
    const { cluster } = named(config.clusters, context.cluster, 'cluster')
    const { user } = named(config.users, context.user, 'user')
    return {
      server: new URL(cluster.server),
      ca: decode(cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
      token: user.token,
    }
  } catch (cause) {
    throw new UserError(`cannot use the kubeconfig ${file}: ${reason(cause)}`, {
      exitCode: 2,
      hint: 'It must hold a current context, a server and inline credentials: kubectl config view --flatten --raw',
      cause,
    })
  }
}

function reason(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    return cause.issues.map(({ path, message }) => `${path.join('.') || 'all of it'}: ${message}`).join('; ')
  }
  return cause instanceof Error ? cause.message : String(cause)
}

function named<T extends { name: string }>(list: readonly T[], name: string, what: string): T {
  const found = list.find((item) => item.name === name)
  if (found === undefined) throw new RangeError(`it has no ${what} named ${JSON.stringify(name)}`)
  return found
}

function decode(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64')
}
