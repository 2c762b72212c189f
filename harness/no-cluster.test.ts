import { describe, expect, it } from 'vitest'

import { noCluster, UnavailableCluster } from './no-cluster.ts'
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
