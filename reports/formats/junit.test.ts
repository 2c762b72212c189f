import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { create } from 'xmlbuilder2'

import type { Verdict } from '../../harness/verdict.ts'
import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import { anyVerdicts, few, sampleVerdicts } from './any-verdicts.ts'
import { junitXml } from './junit.ts'

/** An element as a reader sees it: the library's own parser says no to what is not well-formed. */
interface Read {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Read[]
  readonly text: string
}

function read(xml: string): Read {
  return element([...(create(xml).root().node.parentNode?.childNodes ?? [])].find(({ nodeType }) => nodeType === 1))
}

function element(node: unknown): Read {
  // The library's DOM has few types.
  const { nodeName, attributes, childNodes, textContent } = node as {
    nodeName: string
    attributes: Iterable<{ name: string; value: string }>
    childNodes: Iterable<{ nodeType: number }>
    textContent: string
  }
  return {
    name: nodeName,
    attributes: Object.fromEntries([...attributes].map(({ name, value }) => [name, value])),
    children: [...childNodes].filter(({ nodeType }) => nodeType === 1).map(element),
    text: textContent,
  }
}

const written = (verdicts: readonly Verdict[], times: ReadonlyMap<Verdict, number> = new Map()) =>
  read(junitXml(sampleVerdicts(verdicts), times))

function all(root: Read, name: string): Read[] {
  return root.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)])
}

function propertiesOf(test: Read): Readonly<Record<string, string>> {
  return Object.fromEntries(all(test, 'property').map(({ attributes }) => [attributes['name'], attributes['value']]))
}

const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const
const inconclusive = sampleVerdict({ outcome: 'inconclusive', reason: 'the host stood still for 3.1 s\nmore' })

describe('a test case', () => {
  it('is in the suite of its cluster, with its parameters and its time in seconds', () => {
    const verdict = sampleVerdict({
      expectations: [{ name: 'Ready', budget: '', withinMs: 2_000, tookMs: 500, since: 0 }],
    })
    const root = written([verdict, sampleVerdict({ cluster: 'split' })], new Map([[verdict, 84_700]]))
    expect(root).toMatchObject({ name: 'testsuites', attributes: { tests: '2', failures: '0', time: '84.700' } })
    const suites = all(root, 'testsuite').map(({ attributes }) => attributes['name'])
    expect(suites).toEqual(['recovery on kind', 'recovery on split'])
    const [test] = all(root, 'testcase')
    expect(test?.attributes).toEqual({ name: 'recovery.power-cut', classname: 'recovery.kind', time: '84.700' })
    expect(test && propertiesOf(test)).toEqual({
      cluster: 'kind',
      distribution: 'kind 0.33.0',
      kubernetes: 'v1.34.4',
      'tightest expectation': 'Ready: 0.5 s / 2 s',
      journal: 'journal/power-cut-abcd1234.jsonl',
    })
  })

  it.each([
    ['conforms', sampleVerdict(), undefined],
    ['a violation', sampleViolation(), 'failure'],
    ['a declared violation', sampleViolation({ expected: declared }), undefined],
    [
      'a declared violation with another diagnosis',
      sampleViolation({ expected: { ...declared, diagnosis: 'x' } }),
      'failure',
    ],
    ['a surprise', sampleVerdict({ expected: declared }), 'failure'],
    ['inconclusive', inconclusive, 'error'],
    [
      'declared to be inconclusive',
      { ...inconclusive, expected: { outcome: 'inconclusive', diagnosis: '' } },
      undefined,
    ],
    ['skipped', sampleVerdict({ outcome: 'skipped', reason: 'no power' }), 'skipped'],
  ] satisfies [string, Verdict, string | undefined][])('of %s: %s', (_, verdict, result) => {
    const [test] = all(written([verdict]), 'testcase')
    expect(test?.children.map(({ name }) => name).filter((name) => name !== 'properties')).toEqual(
      result ? [result] : [],
    )
  })

  it('tells of a failure its code, what was seen, what helps, and what was declared', () => {
    const [failure] = all(written([sampleViolation({ expected: { ...declared, diagnosis: 'recovery.x' } })]), 'failure')
    expect(failure?.attributes).toEqual({
      type: 'recovery.daemonset-backoff',
      message: 'recovery.daemonset-backoff: kube-proxy waits 64 s on worker-1',
    })
    expect(failure?.text).toContain('declared: violates recovery.x\n')
    expect(failure?.text).toContain('- restart kube-controller-manager\n')
    expect(failure?.text).toContain('at 61.0 s: kube-proxy Failed')
  })

  it('says that a declared violation was expected', () => {
    const [test] = all(written([sampleViolation({ expected: declared })]), 'testcase')
    expect(test && propertiesOf(test)).toMatchObject({ expected: 'violates recovery.daemonset-backoff' })
  })

  it('gives the reason of what is inconclusive or skipped', () => {
    const [error] = all(written([inconclusive]), 'error')
    expect(error?.attributes['message']).toBe('the host stood still for 3.1 s')
    const [skipped] = all(written([sampleVerdict({ outcome: 'skipped', reason: 'no power' })]), 'skipped')
    expect(skipped?.attributes['message']).toBe('no power')
  })
})

describe('names of test cases', () => {
  const names = (...verdicts: Verdict[]) =>
    all(written(verdicts), 'testcase').map(({ attributes }) => attributes['name'])
  const newer = { name: 'kind', version: '0.33.0', kubernetes: 'v1.35.4' }

  it('count what was repeated', () => {
    expect(names(sampleVerdict(), sampleVerdict())).toEqual(['recovery.power-cut', 'recovery.power-cut (2)'])
  })

  it('tell the legs of a matrix apart', () => {
    expect(names(sampleVerdict(), sampleVerdict({ distribution: newer }))).toEqual([
      'recovery.power-cut on kind 0.33.0 v1.34.4',
      'recovery.power-cut on kind 0.33.0 v1.35.4',
    ])
  })

  it('are those of another run where a scenario runs once', () => {
    expect(names(sampleVerdict({ distribution: newer }), sampleViolation())).toEqual([
      'recovery.power-cut',
      'recovery.reboot-storm',
    ])
  })
})

it('is well-formed and complete, whatever names and messages hold', () => {
  fc.assert(
    fc.property(anyVerdicts, (document) => {
      const root = read(junitXml(document, new Map()))
      const tests = all(root, 'testcase')
      expect(tests).toHaveLength(document.verdicts.length)
      expect(new Set(tests.map(({ attributes: { classname, name } }) => `${classname}\n${name}`)).size).toBe(
        tests.length,
      )
      const sum = (attribute: string) =>
        all(root, 'testsuite').reduce((total, { attributes }) => total + Number(attributes[attribute]), 0)
      for (const [name, attribute] of [
        ['failure', 'failures'],
        ['error', 'errors'],
        ['skipped', 'skipped'],
      ] as const) {
        expect(sum(attribute)).toBe(all(root, name).length)
      }
    }),
    few,
  )
})

it('keeps a pod called <script> and drops what XML forbids', () => {
  const summary = '<script>alert("1")</script> ]]> \u0000\u001B[31mred\u001B[0m \uD800'
  const xml = junitXml(
    sampleVerdicts([sampleViolation({ diagnosis: { code: 'x', summary, remedies: [], upstream: [] } })]),
    new Map(),
  )
  const [failure] = all(read(xml), 'failure')
  expect(failure?.attributes['message']).toBe('x: <script>alert("1")</script> ]]> red \uFFFD')
  expect(xml).not.toContain('<script>')
})
