import { describe, expect, it } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import { parseTransfer, transfer } from './transfer.ts'

describe('parseTransfer', () => {
  it('reads what curl wrote', () => {
    expect(parseTransfer('200 0.006847 0.093048 67110400 ')).toStrictEqual({
      status: 200,
      firstByteMs: expect.closeTo(6.847),
      totalMs: expect.closeTo(93.048),
      bytes: 67_110_400,
      bytesPerSecond: expect.closeTo(67_110_400 / 0.093048),
      error: '',
    })
  })

  it('reads a transfer that broke off', () => {
    const error = 'Operation timed out after 60 milliseconds with 36765696 out of 67110400 bytes received'
    expect(parseTransfer(`200 0.004176 0.060039 36765696 ${error}`)).toMatchObject({ status: 200, error })
  })

  it('reads that there was no answer', () => {
    expect(parseTransfer('000 0.000000 1.500728 0 Connection timed out')).toMatchObject({
      status: 0,
      firstByteMs: null,
    })
  })

  it('is null for anything else', () => {
    expect(parseTransfer('curl: option --write-out: is unknown')).toBeNull()
  })
})

describe('transfer', () => {
  it('takes a machine that does not answer for an observation', async () => {
    const node = Object.assign(new FakeNode('worker', ['worker']), { says: new Error('worker is off') })
    await expect(transfer(node, 'http://upstream.test:5000/v2/')).resolves.toMatchObject({
      status: 0,
      bytes: 0,
      error: 'worker is off',
    })
  })
})
