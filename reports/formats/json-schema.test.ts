import { readFileSync } from 'node:fs'

import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Verdict, type Verdicts, verdictsSchema } from '../../harness/verdict.ts'
import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import { anyVerdicts, sampleVerdicts } from './any-verdicts.ts'
import { renewSchema, schemaFile, verdictsJsonSchema } from './json-schema.ts'

const published: unknown = JSON.parse(readFileSync(schemaFile, 'utf8'))
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(verdictsJsonSchema())

function errors(document: unknown): string[] {
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

it('is published as it is', () => {
  expect(published, `docs/schema is stale: ${renewSchema}`).toEqual(verdictsJsonSchema())
})

describe('the published schema', () => {
  const expectation = { name: 'Ready', budget: '5 s', withinMs: 5_000, tookMs: null, since: 0 }
  const fault = { name: 'reboot', node: '*', injectedAt: 1, healedAt: null }

  it.each([
    ['a verdict that conforms', sampleVerdict()],
    ['a violation', sampleViolation()],
    [
      'what was declared',
      sampleViolation({ expected: { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } }),
    ],
    [
      'a missed expectation and a fault that was not healed',
      sampleViolation({ expectations: [expectation], faults: [fault] }),
    ],
    ['no cluster', sampleVerdict({ outcome: 'skipped', reason: 'no power', journal: '' })],
  ] satisfies [string, Verdict][])('takes %s', (_, verdict) => {
    expect(errors(sampleVerdicts([verdict]))).toEqual([])
  })

  it('takes whatever a run can write', () => {
    fc.assert(
      fc.property(anyVerdicts, (document) => {
        expect(errors(document)).toEqual([])
      }),
    )
  })

  it('takes a field that it does not know, as the own reader does', () => {
    const document = { ...sampleVerdicts([sampleVerdict()]), $schema: 'verdicts.schema.json' }
    expect(errors(document)).toEqual([])
    expect(verdictsSchema.safeParse(document).success).toBe(true)
  })

  it.each([
    ['another outcome', { verdicts: [{ ...sampleVerdict(), outcome: 'passed' }] }],
    [
      'a deadline before its start',
      { verdicts: [sampleVerdict({ expectations: [{ ...expectation, withinMs: -1 }] })] },
    ],
    ['a verdict without a cluster', { verdicts: [{ ...sampleVerdict(), cluster: undefined }] }],
    ['another format', { schema: 2 }],
  ])('refuses %s', (_, changes) => {
    // As it is read from a file.
    const document: unknown = JSON.parse(JSON.stringify({ ...sampleVerdicts([]), ...changes }))
    expect(errors(document)).not.toEqual([])
  })
})

it('is what a whole document of the type is made of', () => {
  const document: Verdicts = sampleVerdicts([sampleVerdict(), sampleViolation()])
  expect(verdictsSchema.parse(document)).toEqual(document)
})
