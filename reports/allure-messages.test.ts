import { expect, it } from 'vitest'

import { allureMessages, describeVerdict } from './allure-messages.ts'
import { sampleVerdict, sampleViolation } from './sample-verdict.ts'

it('gives the distribution as parameters, so that the legs of a matrix stay apart', () => {
  expect(allureMessages(sampleVerdict())[0]).toMatchObject({
    data: {
      parameters: [
        { name: 'cluster', value: 'kind' },
        { name: 'distribution', value: 'kind 0.33.0' },
        { name: 'kubernetes', value: 'v1.34.4' },
      ],
    },
  })
})

it('attaches the verdict itself', () => {
  const attachment = allureMessages(sampleVerdict()).find(({ type }) => type === 'attachment_content')
  expect(attachment).toHaveProperty('data.content', expect.any(String))
  const { content } = (attachment as { data: { content: string } }).data
  expect(JSON.parse(content)).toEqual(sampleVerdict())
})

it('describes cause, remedies, reason, expectations and figures', () => {
  const text = describeVerdict(
    sampleViolation({
      expectations: [{ name: 'a | b', budget: '1 min = objective', withinMs: 60_000, tookMs: null, since: 0 }],
      measurements: [{ name: 'delay', value: 64_000, unit: 'ms' }],
    }),
  )
  expect(text).toMatch(/^\*\*violates\*\*\n\n`recovery\.daemonset-backoff`: kube-proxy waits 64 s/)
  expect(text).toContain('- restart kube-controller-manager')
  expect(text).toContain(String.raw`| a \| b | missed | 1 min = objective |`)
  expect(text).toContain('| delay | 64000 ms |')
})
