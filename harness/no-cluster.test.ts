import { describe, expect, it } from 'vitest'

import { MissingImage } from './images/provide.ts'
import { hadHere, noCluster, UnavailableCluster } from './no-cluster.ts'
import { UserError } from './user-error.ts'

const quiet = { debug: false }

describe('noCluster', () => {
  it('skips what this machine cannot have, and says what would help', () => {
    const cause = new UserError('no way leads to the image a/b:1: it is not there', { hint: 'Fetch it.' })
    const error = new UnavailableCluster('k3s cannot be had here', { hint: 'Put an archive of it there.', cause })
    expect(noCluster(error, quiet)).toEqual({
      outcome: 'skipped',
      reason:
        'k3s cannot be had here\n' +
        '  because: no way leads to the image a/b:1: it is not there\n' +
        '  what to do: Put an archive of it there.',
    })
  })

  it.each([
    new UserError('no engine answers', { hint: 'Start it.' }),
    new TypeError('x is not a function'),
    'a string',
  ])('concludes nothing of %s', (error) => {
    expect(noCluster(error, quiet)).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining(error instanceof Error ? error.message : error),
    })
  })

  it('keeps the stack for who asks for it', () => {
    expect(noCluster(new Error('x'), { debug: true }).reason).toContain('no-cluster.test.ts')
  })
})

const missing = new MissingImage('no way leads to the image rancher/k3s:v1.34.11-k3s1: the engine does not have it', {
  hint: 'Run where its registry can be reached.',
})

describe('hadHere', () => {
  it('gives what can be had', async () => {
    await expect(hadHere('k3s', () => Promise.resolve('rancher/k3s:v1'))).resolves.toBe('rancher/k3s:v1')
  })

  it('makes of a missing image a cluster that cannot be had, so that its scenarios are skipped', async () => {
    const error: unknown = await hadHere('k3s', () => Promise.reject(missing)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(UnavailableCluster)
    expect(error).toMatchObject({ exitCode: 3, hint: missing.hint, cause: missing })
    expect(noCluster(error, { debug: false })).toEqual({
      outcome: 'skipped',
      reason:
        'this machine cannot have k3s: no way leads to the image rancher/k3s:v1.34.11-k3s1: ' +
        'the engine does not have it\n' +
        '  what to do: Run where its registry can be reached.',
    })
  })

  it('leaves every other failure what it is', async () => {
    const full = new UserError('too little room', { hint: 'Make some.' })
    await expect(hadHere('k3s', () => Promise.reject(full))).rejects.toBe(full)
    expect(noCluster(full, { debug: false }).outcome).toBe('inconclusive')
  })
})
