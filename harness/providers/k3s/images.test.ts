import { describe, expect, it } from 'vitest'

import { MissingImage } from '../../images/provide.ts'
import { noCluster, UnavailableCluster } from '../../no-cluster.ts'
import { UserError } from '../../user-error.ts'
import { hadHere } from './images.ts'

const missing = new MissingImage('no way leads to the image rancher/k3s:v1.34.11-k3s1: the engine does not have it', {
  hint: 'Run where its registry can be reached.',
})

describe('hadHere', () => {
  it('gives what can be had', async () => {
    await expect(hadHere(() => Promise.resolve('rancher/k3s:v1'))).resolves.toBe('rancher/k3s:v1')
  })

  it('makes of a missing image a cluster that cannot be had, so that its scenarios are skipped', async () => {
    const error: unknown = await hadHere(() => Promise.reject(missing)).catch((caught: unknown) => caught)
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
    await expect(hadHere(() => Promise.reject(full))).rejects.toBe(full)
    expect(noCluster(full, { debug: false }).outcome).toBe('inconclusive')
  })
})
