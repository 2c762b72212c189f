import { describe, expect, it } from 'vitest'

import { findSecrets } from './find.ts'
import { withoutSecrets } from './leave-out.ts'
import { sampleSecrets } from './sample-secrets.ts'

const samples = sampleSecrets().map((sample, index) => ({ ...sample, title: `${sample.kind} (${index})` }))

describe('withoutSecrets', () => {
  it.each(samples)('leaves out a $title and says so', ({ kind, secret, text }) => {
    const left = withoutSecrets(`before ${text} behind`)
    expect(left).toContain(`[${kind} left out]`)
    expect(left).not.toContain(secret)
    expect(left.startsWith('before ')).toBe(true)
    expect(left.endsWith('behind')).toBe(true)
    expect(findSecrets(left)).toEqual([])
  })

  it('leaves JSON what it is', () => {
    for (const { text } of samples) {
      const left: unknown = JSON.parse(
        withoutSecrets(JSON.stringify({ text, encoded: Buffer.from(text).toString('base64') })),
      )
      expect(Object.keys(left ?? {})).toEqual(['text', 'encoded'])
    }
  })

  it('leaves a text without any as it is', () => {
    const text = 'Ready since 18:48:14, holder worker_2012ac1b-ff6e-48c7-b01b-c31b2b913ba7\n'
    expect(withoutSecrets(text)).toBe(text)
  })
})
