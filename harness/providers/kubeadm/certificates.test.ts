import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { FakeNode } from '../../fake-cluster.ts'
import type { ExecOptions } from '../../nodes/node.ts'
import { run, type RunResult } from '../../process.ts'
import { defineCluster } from '../../topology.ts'
import { formatError } from '../../user-error.ts'
import { giveClientCertificate, givenAuthority, makeAuthority, shareCertificates, write } from './certificates.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-certificates-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const pki = '/etc/kubernetes/pki'

/** A machine whose /etc is a folder of this one: its shell is real, everything else it only notes. */
class FolderNode extends FakeNode {
  readonly etc: string

  constructor(name: string) {
    super(name, ['control-plane'])
    this.etc = path.join(folder, name)
    mkdirSync(path.join(this.etc, 'kubernetes/pki/etcd'), { recursive: true })
  }

  override async exec(command: readonly [string, ...string[]], { input }: ExecOptions = {}): Promise<RunResult> {
    const [program, ...args] = command
    if (program !== 'sh' && program !== 'cat' && program !== 'rm') return super.exec(command)
    const here = args.map((word) => word.replace(/^\/etc(?=\/)/, this.etc))
    return run(program, here, input === undefined ? {} : { input })
  }

  file(name: string): string {
    return path.join(this.etc, name.replace(/^\/etc\//, ''))
  }

  put(name: string, content: string): void {
    writeFileSync(this.file(`${pki}/${name}`), content)
  }

  get keeps(): string[] {
    const all = readdirSync(this.file(pki), { recursive: true, withFileTypes: true })
    return all
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.file(pki), path.join(entry.parentPath, entry.name)))
      .toSorted()
  }
}

describe('givenAuthority', () => {
  const define = (authority?: { certificate: string; key: string }) =>
    defineCluster({
      name: 'x',
      provider: 'kubeadm',
      nodes: [
        { name: 'etcd', roles: ['etcd'] },
        { name: 'cp', roles: ['control-plane'] },
      ],
      ...(authority && { etcd: { authority } }),
    })
  const pem = (kind: string) => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`
  const files = (certificate: string | null, key: string | null) => {
    const put = (name: string, content: string | null) => {
      const file = path.join(folder, name)
      if (content !== null) writeFileSync(file, content)
      return file
    }
    return { certificate: put('ca.crt', certificate), key: put('ca.key', key) }
  }

  it('is none where the definition brings none', () => {
    expect(givenAuthority(define())).toBeNull()
  })

  it.each(['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY'])('is what the files hold, with a key as %s', (kind) => {
    expect(givenAuthority(define(files(pem('CERTIFICATE'), pem(kind))))).toEqual({
      certificate: pem('CERTIFICATE'),
      key: pem(kind),
    })
  })

  it.each<[string, string | null, string | null, RegExp]>([
    ['no certificate', null, pem('PRIVATE KEY'), /^x: etcd\.authority\.certificate: cannot read .*ca\.crt$/],
    ['no key', pem('CERTIFICATE'), null, /^x: etcd\.authority\.key: cannot read .*ca\.key$/],
    ['an empty certificate', '', pem('PRIVATE KEY'), /certificate: .*ca\.crt holds no PEM CERTIFICATE$/],
    ['a certificate for a key', pem('CERTIFICATE'), pem('CERTIFICATE'), /key: .*ca\.key holds no PEM PRIVATE KEY$/],
  ])('is refused with %s: wrong usage, and what to do', (_, certificate, key, message) => {
    const refused = () => givenAuthority(define(files(certificate, key)))
    expect(refused).toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 2,
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/^Nodes of etcd alone need TLS material: .* leave etcd\.authority out/),
      }),
    )
  })

  it('keeps the reason of a file that cannot be read', () => {
    const definition = define(files(null, null))
    expect.assertions(1)
    try {
      givenAuthority(definition)
    } catch (error) {
      expect(formatError(error)).toContain('because: ENOENT')
    }
  })
})

describe('makeAuthority', () => {
  it('has kubeadm make it on the machine by the configuration, and returns both files', async () => {
    const node = new FolderNode('etcd')
    node.put('etcd/ca.crt', 'a certificate')
    node.put('etcd/ca.key', 'a key')
    expect(await makeAuthority(node, 'a configuration')).toEqual({ certificate: 'a certificate', key: 'a key' })
    const file = '/etc/kubernetes/etcd-certificates.yaml'
    expect(node.done).toEqual([`kubeadm init phase certs etcd-ca --config ${file}`])
    expect(readFileSync(node.file(file), 'utf8')).toBe('a configuration')
  })
})

describe('giveClientCertificate', () => {
  it("leaves the authority's key on no control plane", async () => {
    const node = new FolderNode('cp')
    await giveClientCertificate(node, { certificate: 'a certificate', key: 'a key' }, 'a configuration')
    expect(node.done).toEqual([expect.stringContaining('certs apiserver-etcd-client --config')])
    expect(node.keeps).toEqual(['etcd/ca.crt'])
  })
})

describe('shareCertificates', () => {
  it('copies what control planes share, as far as it is there, and nothing of one machine alone', async () => {
    const from = new FolderNode('first')
    const to = new FolderNode('second')
    const shared = [
      'apiserver-etcd-client.crt',
      'apiserver-etcd-client.key',
      'ca.crt',
      'ca.key',
      'etcd/ca.crt',
      'etcd/ca.key',
    ]
    const further = ['front-proxy-ca.crt', 'front-proxy-ca.key', 'sa.key', 'sa.pub']
    for (const name of [...shared, ...further]) from.put(name, `the first's ${name}`)
    for (const name of ['apiserver.crt', 'apiserver.key', 'etcd/server.crt', 'etcd/peer.key']) from.put(name, 'its own')
    await shareCertificates(from, to)
    expect(to.keeps).toEqual([...shared, ...further])
    for (const name of to.keeps) expect(readFileSync(to.file(`${pki}/${name}`), 'utf8')).toBe(`the first's ${name}`)
  })

  it('is content with an etcd whose key is nowhere on the cluster', async () => {
    const from = new FolderNode('first')
    const to = new FolderNode('second')
    for (const name of ['ca.crt', 'etcd/ca.crt']) from.put(name, 'x')
    await shareCertificates(from, to)
    expect(to.keeps).toEqual(['ca.crt', 'etcd/ca.crt'])
  })
})

describe('write', () => {
  it('makes the folder, and lets root alone read the file', async () => {
    const node = new FolderNode('m')
    await write(node, '/etc/some/new folder/file', "it's $content\n")
    expect(readFileSync(node.file('/etc/some/new folder/file'), 'utf8')).toBe("it's $content\n")
    const { stdout } = await run('stat', ['--format', '%a', node.file('/etc/some/new folder/file')])
    expect(stdout.trim()).toBe('600')
  })
})
