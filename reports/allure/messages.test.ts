import { expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import { describeVerdict } from './description.ts'
import { allureMessages, type Told } from './messages.ts'

const told = (changes: Partial<Told> = {}): Told => {
  const verdict = changes.verdict === undefined ? sampleVerdict() : changes.verdict
  const { scenario, cluster, distribution } = verdict ?? sampleVerdict()
  return {
    scenario,
    cluster,
    distribution,
    verdict,
    repeat: '',
    start: { topology: '1 control-plane + 2 workers', imageOrigin: 'archive' },
    endedAt: 9_000,
    originAt: 0,
    journal: null,
    journalFile: 'journal/power-cut-abcd1234.jsonl',
    pictures: [],
    bundle: null,
    lastWords: '',
    ...changes,
  }
}

const metadata = (changes?: Partial<Told>) => {
  const message = allureMessages(told(changes)).find(({ type }) => type === 'metadata')
  if (message?.type !== 'metadata') throw new Error('there is no metadata')
  return message.data
}

const tags = (changes: Partial<Told>) =>
  (metadata(changes).labels ?? []).filter(({ name }) => name === 'tag').map(({ value }) => value)

const attachmentNames = (changes: Partial<Told>) =>
  allureMessages(told(changes)).flatMap((message) => (message.type === 'attachment_content' ? [message.data.name] : []))

it('gives what tells the legs of a matrix apart as parameters', () => {
  expect(metadata()).toMatchObject({
    displayName: 'recovery.power-cut on kind, v1.34.4',
    parameters: [
      { name: 'cluster', value: 'kind' },
      { name: 'distribution', value: 'kind 0.33.0' },
      { name: 'kubernetes', value: 'v1.34.4' },
      { name: 'topology', value: '1 control-plane + 2 workers' },
      { name: 'image origin', value: 'archive' },
    ],
  })
})

it('tells repeats apart as well', () => {
  const { displayName, parameters } = metadata({ repeat: '2 of 5' })
  expect(displayName).toBe('recovery.power-cut on kind, v1.34.4 (2 of 5)')
  expect(parameters).toContainEqual({ name: 'repeat', value: '2 of 5' })
})

const declared = { outcome: 'violates' as const, diagnosis: 'recovery.daemonset-backoff' }

it('says at once of a violation whether it is declared', () => {
  const expected = metadata({ verdict: sampleViolation({ expected: declared }) })
  expect(expected.displayName).toBe('recovery.reboot-storm on kind, v1.34.4 · violates (expected)')
  expect(expected.description).toMatch(/^# violates \(expected\)\n/)
  expect(expected.labels).toContainEqual({ name: 'declared', value: 'yes' })

  const unexpected = metadata({ verdict: sampleViolation() })
  expect(unexpected.description).toMatch(/^# violates\n/)
  expect(unexpected.labels).toContainEqual({ name: 'declared', value: 'no' })
})

it('has outcome and diagnosis as tags', () => {
  expect(tags({ verdict: sampleViolation({ expected: declared }) })).toEqual([
    'violates (expected)',
    'recovery.daemonset-backoff',
    'expected',
  ])
  expect(tags({ verdict: sampleVerdict(), scenario: 'recovery.power-cut against a dead kubelet' })).toEqual([
    'conforms',
    'counter-test',
  ])
})

it('links what upstream says, where a browser can open it', () => {
  const diagnosis = { code: 'a.b', summary: '', remedies: [], upstream: ['pkg/controller/daemon', 'owner/repo#1'] }
  expect(metadata({ verdict: sampleViolation({ diagnosis }) }).links).toEqual([
    { name: 'owner/repo#1', url: 'https://github.com/owner/repo/issues/1', type: 'issue' },
  ])
})

it('attaches pictures, verdict and journal', () => {
  const pictures = [{ name: 'timeline' as const, title: 'timeline', svg: '<svg/>' }]
  const journal = { text: '{}\n', records: 1, moments: [] }
  expect(attachmentNames({ pictures, journal })).toEqual(['timeline', 'verdict', 'journal (1 records)'])
})

it('says where a journal lies that is too large', () => {
  expect(allureMessages(told({ journal: { text: null, records: 9, moments: [] } }))).toContainEqual({
    type: 'attachment_content',
    data: expect.objectContaining({
      name: 'journal (9 records) (left out)',
      content: expect.stringContaining('part of journal/power-cut-abcd1234.jsonl'),
    }),
  })
})

it('says of a scenario without a verdict that the run ended in it', () => {
  const { description, labels } = metadata({ verdict: null, lastWords: 'waiting for <node>' })
  expect(description).toBe('# the run ended here\n\nThere is no verdict.\n\n```\nwaiting for <node>\n```')
  expect(labels).toContainEqual({ name: 'outcome', value: 'unfinished' })
  expect(attachmentNames({ verdict: null })).toEqual([])
})

it('describes cause, remedies, reason, expectations and figures', () => {
  const text = describeVerdict(
    sampleViolation({
      expectations: [{ name: 'a | b', budget: '1 min = objective', withinMs: 60_000, tookMs: null, since: 0 }],
      measurements: [{ name: 'delay', value: 64_000, unit: 'ms' }],
    }),
  )
  expect(text).toContain('**recovery.daemonset-backoff**: kube-proxy waits 64 s')
  expect(text).toContain('- restart kube-controller-manager')
  expect(text).toContain(String.raw`| a \| b | **missed** | 1 min |`)
  expect(text).toContain('| delay | 1 min 4 s |')
})

it('makes no HTML of what a cluster calls its things', () => {
  const evil = '<script>alert(1)</script>'
  const text = describeVerdict(
    sampleViolation({
      scenario: evil,
      diagnosis: { code: evil, summary: evil, remedies: [evil], upstream: [evil] },
      reason: '',
      expectations: [{ name: evil, budget: evil, withinMs: 1, tookMs: null, since: 0 }],
      measurements: [{ name: evil, value: 1, unit: evil }],
      journal: evil,
    }),
  )
  expect(text).not.toContain('<')
})
