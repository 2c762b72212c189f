import { describe, expect, it } from 'vitest'

import { requireLoopback } from './loopback.ts'

const published = (stdout: string) =>
  requireLoopback({ id: 'abcd1234' }, () => Promise.resolve({ stdout, stderr: '', exitCode: 0, durationMs: 1 }))

describe('requireLoopback', () => {
  it('takes what is published on the loopback, or not at all', async () => {
    const said = 'c1-cp 127.0.0.1:40123->6443/tcp, 10250/tcp\nc1-registry [::1]:40124->5000/tcp\nc1-worker \n'
    await expect(published(said)).resolves.toBeUndefined()
    await expect(published('')).resolves.toBeUndefined()
  })

  it.each(['0.0.0.0:40123->6443/tcp', '[::]:40123->6443/tcp', '10.0.0.5:40123->6443/tcp'])(
    'refuses %s',
    async (port) => {
      await expect(published(`c1-cp 127.0.0.1:1->2/tcp, ${port}\n`)).rejects.toThrow(`containers: c1-cp ${port}`)
    },
  )
})
