import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { askGateway } from '../../probes/etcd-gateway.ts'
import { httpOnNode } from '../../probes/http-on-node.ts'
import { run } from '../../process.ts'
import { k3sEtcdLayout } from './paths.ts'
import { toolFiles } from './tools.ts'

let folder: string

/** The tools, and programs beside them that say how they were called, or fail with what $FAIL says. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-tools-'))
  const speaker = '#!/bin/sh\n[ -z "$FAIL" ] || { echo "$FAIL" >&2; exit 1; }\necho "$(basename "$0") $*"\n'
  const files = toolFiles().map(({ path: file, content }) => [path.basename(file), content] as const)
  const kubectl = `${speaker}echo "$KUBECONFIG"\ncase $* in *-f*) cat ;; esac\n`
  for (const [name, content] of [...files, ['kubectl', kubectl], ['wget', speaker]] as const) {
    writeFileSync(path.join(folder, name), content)
    chmodSync(path.join(folder, name), 0o755)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A machine whose programs are these. */
const machine = (fail = '') => ({
  name: 'm',
  exec: ([program, ...args]: readonly [string, ...string[]]) =>
    run(path.join(folder, program), args, {
      env: { PATH: `${folder}:${process.env['PATH']}`, FAIL: fail, KUBECONFIG: 'the admin' },
      reject: false,
    }),
})

describe('toolFiles', () => {
  it("are programs in the last folder of the image's PATH", () => {
    for (const { path: file, mode, content } of toolFiles()) {
      expect(file).toMatch(/^\/bin\/aux\/\w+$/)
      expect(mode).toBe(0o755)
      expect(content).toMatch(/^#!\/bin\/sh\n/)
    }
  })
})

describe('curl', () => {
  it('asks a member of etcd as its client, one path after the other, where k3s has its gateway', async () => {
    const { ca, certificate, key } = k3sEtcdLayout
    const client = `--certificate-authority=${ca} --client-certificate=${certificate} --client-key=${key}`
    const call = `kubectl ${client} --server=https://127.0.0.1:2382 --request-timeout=2s`
    expect(await askGateway(k3sEtcdLayout, machine(), ['/health', '/health?serializable=true'])).toEqual([
      { status: 200, body: `${call} get --raw /health\n/dev/null`, problem: '' },
      { status: 200, body: `${call} get --raw /health?serializable=true\n/dev/null`, problem: '' },
    ])
    expect(await askGateway(k3sEtcdLayout, machine(), ['/v3/maintenance/status'], { a: 'b c' })).toEqual([
      { status: 200, body: `${call} create --raw /v3/maintenance/status -f -\n/dev/null\n{"a":"b c"}`, problem: '' },
    ])
  })

  it("asks anything else with TLS as the cluster's admin", async () => {
    const [answer] = await httpOnNode(machine(), ['https://127.0.0.1:6443/readyz?verbose'], ['--insecure'])
    expect(answer?.body).toBe(
      'kubectl --server=https://127.0.0.1:6443 --request-timeout=2s get --raw /readyz?verbose\nthe admin',
    )
  })

  it('asks what has no TLS with wget', async () => {
    expect(await httpOnNode(machine(), ['http://127.0.0.1:10248/healthz'])).toEqual([
      { status: 200, body: 'wget -q -T 2 -O - http://127.0.0.1:10248/healthz', problem: '' },
    ])
  })

  it.each([
    ['Error from server (ServiceUnavailable): etcdserver: no leader', 503],
    ['Error from server (NotFound): the server could not find the requested resource', 404],
    ['error: You must be logged in to the server (Unauthorized)', 401],
    ['wget: server returned error: HTTP/1.1 503 Service Unavailable', 503],
    ['The connection to the server 127.0.0.1:2379 was refused', 0],
  ])('says what %j means', async (problem, status) => {
    expect(await httpOnNode(machine(problem), ['https://127.0.0.1:2379/health'])).toEqual([
      { status, body: '', problem },
    ])
  })

  it('ends well where there is an answer, and badly where there is none', async () => {
    const command = ['curl', '--silent', '--output', '/dev/null', '--max-time', '1', 'http://10.43.0.9/'] as const
    expect(await machine().exec(command)).toMatchObject({ exitCode: 0, stdout: '' })
    expect(await machine('no route').exec(command)).toMatchObject({ exitCode: 7, stdout: '' })
  })

  it('does nothing with an option that it does not know', async () => {
    const { exitCode, stderr } = await machine().exec(['curl', '--proxy', 'x', 'http://y/'])
    expect([exitCode, stderr]).toEqual([2, 'curl: this one does not know --proxy'])
  })
})

describe('bash', () => {
  it('runs a script with its arguments', async () => {
    const { stdout } = await machine().exec(['bash', '-c', 'echo "$1" "$2"', 'traffic', 'a b', 'c'])
    expect(stdout).toBe('a b c')
  })
})
