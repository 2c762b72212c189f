import { readFileSync } from 'node:fs'

import type { ClusterNode } from '../../nodes/node.ts'
import { provideEtcd } from './etcd-tools.ts'
import { UserError } from '../../user-error.ts'
import type { ClusterDefinition } from '../../topology.ts'

/** A certificate authority as PEM. */
export interface Authority {
  readonly certificate: string
  readonly key: string
}

const pki = '/etc/kubernetes/pki'
const configuration = '/etc/kubernetes/etcd-certificates.yaml'

/**
 * The authority that the definition brings for its etcd; null: one has to be made.
 * @throws {UserError} where a file of it cannot be read or is no PEM
 */
export function givenAuthority({ name, etcd: { authority } }: ClusterDefinition): Authority | null {
  if (authority === undefined) return null
  const read = (field: keyof Authority, marker: string) => {
    const file = authority[field]
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (cause) {
      throw missing(`${name}: etcd.authority.${field}: cannot read ${file}`, cause)
    }
    if (!text.includes(marker)) throw missing(`${name}: etcd.authority.${field}: ${file} holds no PEM ${marker}`)
    return text
  }
  return { certificate: read('certificate', 'CERTIFICATE'), key: read('key', 'PRIVATE KEY') }
}

function missing(message: string, cause?: unknown): UserError {
  return new UserError(message, {
    exitCode: 2,
    hint:
      'Nodes of etcd alone need TLS material: give the PEM files of a certificate authority and its key, or leave ' +
      'etcd.authority out, so that one is made for the cluster.',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Makes an authority for etcd on the machine and returns it. */
export async function makeAuthority(node: ClusterNode, config: string): Promise<Authority> {
  await write(node, configuration, config)
  await node.exec(['kubeadm', 'init', 'phase', 'certs', 'etcd-ca', '--config', configuration])
  const [certificate, key] = await Promise.all([
    node.exec(['cat', `${pki}/etcd/ca.crt`]),
    node.exec(['cat', `${pki}/etcd/ca.key`]),
  ])
  return { certificate: certificate.stdout, key: key.stdout }
}

/** Gives a machine of etcd what it takes to be a member: certificates (server, peer, a client for checks), programs. */
export async function equipMember(node: ClusterNode, authority: Authority, config: string): Promise<void> {
  await Promise.all([giveAuthority(node, authority, config), provideEtcd(node)])
  await Promise.all(
    ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client'].map((phase) =>
      node.exec(['kubeadm', 'init', 'phase', 'certs', phase, '--config', configuration]),
    ),
  )
  await node.exec(['rm', `${pki}/etcd/ca.key`])
}

/** Gives a control plane what its API server needs to speak to an external etcd. */
export async function giveClientCertificate(node: ClusterNode, authority: Authority, config: string): Promise<void> {
  await giveAuthority(node, authority, config)
  await node.exec(['kubeadm', 'init', 'phase', 'certs', 'apiserver-etcd-client', '--config', configuration])
  await node.exec(['rm', `${pki}/etcd/ca.key`])
}

async function giveAuthority(node: ClusterNode, authority: Authority, config: string): Promise<void> {
  await Promise.all([
    write(node, configuration, config),
    write(node, `${pki}/etcd/ca.crt`, authority.certificate),
    write(node, `${pki}/etcd/ca.key`, authority.key),
  ])
}

/** What every control plane of a cluster shares. */
const shared = ['ca', 'sa', 'front-proxy-ca', 'etcd/ca', 'apiserver-etcd-client']

/** Copies the keys and certificates that control planes share from one to another. */
export async function shareCertificates(from: ClusterNode, to: ClusterNode): Promise<void> {
  const list = shared.flatMap((name) => [`${name}.crt`, `${name}.key`, `${name}.pub`])
  const script = 'cd "$1" && shift && for file; do [ ! -f "$file" ] || echo "$file"; done | tar -cf - -T - | base64'
  const { stdout } = await from.exec(['sh', '-c', script, 'sh', pki, ...list])
  await to.exec(['sh', '-c', 'mkdir -p "$1" && base64 -d | tar -xf - -C "$1"', 'sh', pki], { input: stdout })
}

/** Writes a file on the machine, with its folder; only root may read it. */
export async function write(node: ClusterNode, path: string, content: string): Promise<void> {
  const { words, input } = written([{ path, content }])
  await node.exec(['sh', '-c', writeFiles, 'sh', ...words], { input })
}

/**
 * The beginning of a shell script that writes files, with their folders, which only root may read: of its words it takes a
 * path and a number of bytes each time, as long as there are two. One command for all: each costs a tenth of a second of a
 * processor.
 */
export const writeFiles = `
while [ $# -gt 1 ]; do
  ( umask 077 && mkdir -p "$(dirname "$1")" && head -c "$2" >"$1" ) || exit
  shift 2
done
`

/** What that script is given. */
export function written(files: readonly { readonly path: string; readonly content: string }[]): {
  readonly words: readonly string[]
  readonly input: string
} {
  return {
    words: files.flatMap(({ path, content }) => [path, String(Buffer.byteLength(content))]),
    input: files.map(({ content }) => content).join(''),
  }
}
