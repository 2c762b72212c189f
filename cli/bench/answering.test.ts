import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import kindCluster from '../../clusters/kind.ts'
import split from '../../clusters/split.ts'
import stackedHa from '../../clusters/stacked-ha.ts'
import { clockFrom, clockOrigin } from '../../harness/clock.ts'
import { Journal } from '../../harness/journal.ts'
import { firstControlPlane, noteAnswering, Seen } from './answering.ts'

function journal(): Journal {
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-answering-'))
  const made = new Journal(path.join(folder, 'journal.jsonl'), clockFrom(clockOrigin()))
  onTestFinished(() => {
    made[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  return made
}

const ready = { ready: true }
const coredns = 'pod/kube-system/coredns-5cc4b95689-8g9d6'

describe('what the journal has shown', () => {
  it('is enough with all nodes Ready at a time, and CoreDNS', () => {
    const seen = new Seen(2)
    const taken = (subject: string, data: unknown, kind = 'MODIFIED') =>
      seen.take({ t: 0, at: '', source: 'api-watch', kind, subject, data })
    expect(taken('node/a', ready)).toBe(false)
    expect(taken('node/b', ready)).toBe(false)
    expect(taken('node/a', { ready: false })).toBe(false)
    expect(taken(coredns, ready)).toBe(false)
    expect(taken('node/b', ready, 'DELETED')).toBe(false)
    expect(taken('node/a', ready)).toBe(false)
    expect(taken('pod/kube-system/kube-proxy-x', ready)).toBe(false)
    expect(taken('node/b', ready)).toBe(true)
  })

  it('is not of other sources', () => {
    const seen = new Seen(1)
    seen.take({ t: 0, at: '', source: 'api-watch', kind: 'ADDED', subject: coredns, data: ready })
    expect(seen.take({ t: 0, at: '', source: 'engine', kind: 'start', subject: 'node/a', data: ready })).toBe(false)
  })

  it('names the cluster', () => {
    const seen = new Seen(1)
    seen.take({ t: 0, at: '', source: 'cluster', kind: 'image', subject: 'node:v1' })
    seen.take({ t: 0, at: '', source: 'cluster', kind: 'creating', subject: 'kind-1' })
    expect(seen.cluster).toBe('kind-1')
  })
})

it('ends with the start that it waits beside', async () => {
  const ended = new AbortController()
  const answering = noteAnswering(journal(), kindCluster, ended.signal)
  ended.abort(new Error('no cluster'))
  await expect(answering).rejects.toThrow('no cluster')
})

it.each([
  ['kind', kindCluster, 'c-control-plane'],
  ['split roles', split, 'c-cp'],
  ['several control planes', stackedHa, 'c-cp-1'],
])('asks the first control plane of %s', (_, definition, name) => {
  expect(firstControlPlane('c', definition)).toBe(name)
})
