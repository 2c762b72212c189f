import { create } from 'xmlbuilder2'

import { asExpected, type Verdict, type Verdicts } from '../../harness/verdict.ts'
import { tightest, tookText } from '../tightest.ts'
import { counter, identity } from './repeats.ts'
import type { ScenarioTimes } from './scenario-times.ts'

/**
 * The run as JUnit XML, as GitLab, Jenkins and GitHub's actions read it: a test suite for each suite and cluster, a test
 * case for each verdict. A verdict fails where it is not as its scenario declares; a violation that is declared passes.
 *
 * Its form is that of Jenkins' schema (junit-10.xsd) but for one thing: test cases have properties, as pytest's have, and as
 * all of these readers take them or pass them over.
 */
export function junitXml({ run, verdicts }: Verdicts, times: ScenarioTimes): string {
  const suites = Map.groupBy(verdicts, suiteOf)
  const nameOf = caseNames(verdicts)
  const document = create({ version: '1.0', encoding: 'UTF-8' })
  // Jenkins' schema has no count of skipped tests and no time of day here.
  const { skipped: _, ...total } = counts(verdicts, times)
  const root = document.ele('testsuites', { name: 'clusterproof', ...total })
  for (const [name, members] of suites) {
    const suite = root.ele('testsuite', { name, timestamp: text(run.startedAt), ...counts(members, times) })
    properties(suite, { run: run.id, platform: run.host.platform })
    for (const verdict of members) {
      const test = suite.ele('testcase', {
        name: nameOf(verdict),
        classname: className(verdict),
        time: seconds(times.get(verdict) ?? 0),
      })
      properties(test, parameters(verdict))
      addResult(test, verdict)
    }
  }
  return document.end({ prettyPrint: true })
}

type Element = ReturnType<ReturnType<typeof create>['ele']>

function suiteOf(verdict: Verdict): string {
  return text(`${suiteName(verdict)} on ${verdict.cluster}`)
}

/** What stands before the last dot is a package to readers: the suite, with its cluster as a class. */
function className(verdict: Verdict): string {
  return text(`${suiteName(verdict)}.${verdict.cluster.replaceAll('.', '-')}`)
}

function suiteName({ scenario }: Verdict): string {
  return scenario.split('.', 1)[0] ?? scenario
}

/**
 * Names that tell test cases of a suite apart: readers take two of the same name for one. The Kubernetes version stands in
 * them only where a file has several, so that a name stays what it is from run to run.
 */
function caseNames(verdicts: readonly Verdict[]): (verdict: Verdict) => string {
  const number = counter()
  const distributions = Map.groupBy(verdicts, ({ scenario, cluster }) => JSON.stringify([scenario, cluster]))
  return (verdict) => {
    const { scenario, cluster, distribution } = verdict
    const parts = Object.values(distribution).filter((part) => part !== '')
    const same = distributions.get(JSON.stringify([scenario, cluster])) ?? []
    const isMatrix = new Set(same.map((other) => JSON.stringify(identity(other)))).size > 1
    const name = text(isMatrix ? `${scenario} on ${parts.join(' ')}` : scenario)
    const repeat = number(className(verdict), name)
    return repeat === 1 ? name : `${name} (${repeat})`
  }
}

/** What makes one verdict differ from another, and what it was judged by. */
function parameters({ cluster, distribution, expected, diagnosis, expectations, journal, bundle }: Verdict) {
  const tight = tightest(expectations)
  return {
    cluster,
    distribution: `${distribution.name} ${distribution.version}`.trim(),
    kubernetes: distribution.kubernetes,
    expected: expected === null ? '' : `${expected.outcome} ${expected.diagnosis}`.trim(),
    diagnosis: diagnosis?.code ?? '',
    'tightest expectation': tight === null ? '' : `${tight.name}: ${tookText(tight)}`,
    journal,
    bundle: bundle ?? '',
  }
}

function properties(element: Element, values: Readonly<Record<string, string>>): void {
  const given = Object.entries(values).filter(([, value]) => value !== '')
  if (given.length === 0) return
  const list = element.ele('properties')
  for (const [name, value] of given) list.ele('property', { name, value: text(value) })
}

function addResult(test: Element, verdict: Verdict): void {
  const { outcome, reason, expected } = verdict
  switch (resultOf(verdict)) {
    case 'skipped':
      test.ele('skipped', { message: text(firstLine(reason)) }).txt(text(reason))
      break
    case 'error':
      test.ele('error', { type: outcome, message: text(firstLine(reason)) }).txt(text(reason))
      break
    case 'failure': {
      const { code = outcome, summary = '' } = verdict.diagnosis ?? {}
      const message = summary === '' ? `${outcome}, not ${expected?.outcome ?? 'conforms'}` : `${code}: ${summary}`
      test.ele('failure', { type: code, message: text(message) }).txt(text(failureText(verdict)))
      break
    }
    case 'passed':
  }
}

type Result = 'passed' | 'failure' | 'error' | 'skipped'

function resultOf(verdict: Verdict): Result {
  if (verdict.outcome === 'skipped') return 'skipped'
  if (asExpected(verdict)) return 'passed'
  return verdict.outcome === 'inconclusive' ? 'error' : 'failure'
}

function failureText({ diagnosis, expected, outcome, reason }: Verdict): string {
  const declared = expected === null ? [] : [`declared: ${`${expected.outcome} ${expected.diagnosis}`.trim()}`]
  return [
    `outcome: ${outcome}`,
    ...declared,
    ...(diagnosis === null
      ? []
      : [
          `diagnosis: ${diagnosis.code}`,
          diagnosis.summary,
          'what helps:',
          ...diagnosis.remedies.map((remedy) => `- ${remedy}`),
          'upstream:',
          ...diagnosis.upstream.map((reference) => `- ${reference}`),
        ]),
    ...(reason === '' ? [] : ['reason:', reason]),
  ].join('\n')
}

function counts(verdicts: readonly Verdict[], times: ScenarioTimes) {
  const results = verdicts.map(resultOf)
  const count = (result: Result) => results.filter((found) => found === result).length
  return {
    tests: verdicts.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(verdicts.reduce((sum, verdict) => sum + (times.get(verdict) ?? 0), 0)),
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3)
}

function firstLine(lines: string): string {
  return lines.split('\n', 1)[0] ?? ''
}

/**
 * Text without what XML 1.0 forbids in any form: control characters but for tab and line ends, half characters, and two
 * that are none. Colours of a terminal lose their escape with that.
 */
function text(given: string): string {
  return (
    given
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- these are what it is about
      .replaceAll(/\u001B\[[\d;]*m|[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
  )
}
