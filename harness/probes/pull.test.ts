import { describe, expect, it } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import { CommandError } from '../process.ts'
import { criError, pull, pulledFrom, sourceOf } from './pull.ts'

const reference = 'upstream.test:5000/a/b:v1'
const notFound =
  'rpc error: code = NotFound desc = failed to pull and unpack image "upstream.test:5000/a/b:v1": not found'

function node(says: FakeNode['says']): FakeNode {
  return Object.assign(new FakeNode('worker', ['worker']), { says })
}

describe('pull', () => {
  it('asks through CRI, for no longer than is wanted', async () => {
    const worker = node({})
    await expect(pull(worker, reference, { withinMs: 4_500 })).resolves.toMatchObject({ ok: true, error: '' })
    expect(worker.done).toStrictEqual([`timeout --kill-after=2 5 crictl pull ${reference}`])
  })

  it('gives the failure in the words of the runtime', async () => {
    const stderr = `E1121 13:00:00.000000     100 log.go:32] "PullImage failed" err="…"\nFATA[0001] pulling image: ${notFound}\n`
    await expect(pull(node({ exitCode: 1, stderr }), reference)).resolves.toMatchObject({ ok: false, error: notFound })
  })

  it('says that it did not end, and what was said until then', async () => {
    const { error } = await pull(node({ exitCode: 124, stderr: 'waiting' }), reference, { withinMs: 1_000 })
    expect(error).toBe('no end within 1 s: waiting')
  })

  it('takes a machine that does not answer for a failed pull, and one without crictl for an error', async () => {
    const gone = new CommandError({
      command: 'docker exec worker',
      outcome: 'exit code 1',
      exitCode: 1,
      timedOut: false,
      stdout: '',
      stderr: 'container is not running',
      cause: undefined,
    })
    await expect(pull(node(gone), reference)).resolves.toMatchObject({ ok: false, error: gone.message })
    await expect(pull(node({ exitCode: 127 }), reference)).rejects.toThrow('worker has no crictl')
  })
})

describe('criError', () => {
  it.each([
    [`a warning\nFATA[0000] pulling image: ${notFound}\n\n`, notFound],
    [`${notFound}\n`, notFound],
    ['FATA[0002] validate service connection: no such file', 'validate service connection: no such file'],
    ['', 'crictl said nothing'],
  ])('of %j', (stderr, expected) => {
    expect(criError(stderr)).toBe(expected)
  })
})

const image = {
  repository: 'a/b',
  blobs: [
    { digest: 'sha256:config', size: 10, mediaType: '', open: async function* () {} },
    { digest: 'sha256:layer', size: 1_000, mediaType: '', open: async function* () {} },
  ],
}
const manifest = { kind: 'manifest', method: 'GET', reference: 'v1', status: 200, bytes: 400 } as const
const config = { kind: 'blob', method: 'GET', reference: 'sha256:config', status: 200, bytes: 10 } as const
const layer = { ...config, reference: 'sha256:layer', bytes: 1_000 } as const

describe('sourceOf', () => {
  it('is the mirror where the registry sent no blob, whatever it was asked', () => {
    const asked = [manifest, { ...layer, method: 'HEAD' }, { ...layer, status: 500 }, { ...layer, reference: 'other' }]
    expect(sourceOf(asked, image)).toStrictEqual({
      source: 'mirror',
      upstreamBytes: 0,
      mirrorBytes: 1_010,
      asked: { manifests: 1, blobs: 1 },
    })
  })

  it('is upstream where it sent all, also in parts', () => {
    const parts = [
      { ...layer, status: 206, bytes: 400 },
      { ...layer, status: 206, bytes: 600 },
    ]
    expect(sourceOf([config, ...parts], image)).toMatchObject({ source: 'upstream', upstreamBytes: 1_010 })
  })

  it('is mixed where it sent some', () => {
    expect(sourceOf([config], image)).toMatchObject({ source: 'mixed', upstreamBytes: 10, mirrorBytes: 1_000 })
    expect(sourceOf([config, { ...layer, bytes: 250 }], image)).toMatchObject({ source: 'mixed', mirrorBytes: 750 })
  })
})

describe('pulledFrom', () => {
  it("asks for the image's repository since then, of one client where that is named", async () => {
    const queries: unknown[] = []
    const registry = { requests: (query?: unknown) => (queries.push(query), Promise.resolve([])) }
    await pulledFrom(registry, 500, image, { from: '10.0.0.2' })
    expect(queries).toStrictEqual([{ since: 500, repository: 'a/b', from: '10.0.0.2' }])
  })
})
