import { readdirSync } from 'node:fs'
import path from 'node:path'

import { type DiagnosisCode, diagnosisCodes } from '../harness/diagnosis/catalog.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { Sources, type Statement } from './source-statements.ts'

/** Which scenarios may come to a diagnosis. */
export interface DiagnosedBy {
  /** Scenarios that declare it, of some of their clusters at least: running them shows it. */
  readonly declared: readonly string[]
  /** Counter-tests that must come to it, on a cluster made worse on purpose: `NAME against WHAT`. */
  readonly counterTests: readonly string[]
  /** Other scenarios whose own code names it. */
  readonly others: readonly string[]
  /** It is looked for in every scenario where something does not hold, or where the cluster is not well afterwards. */
  readonly anywhere: boolean
}

/** What every scenario asks when nothing nearer explains a failure. */
const askedByAll = 'harness/diagnosis/recovery.ts'

/** What the suites say of each diagnosis, read from their sources: asking vitest for them takes seconds. */
export function diagnosedBy(project = projectFolder): ReadonlyMap<DiagnosisCode, DiagnosedBy> {
  const sources = new Sources(project, isFollowed)
  const files = readdirSync(path.join(project, 'suites'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:suite|scenario|counter)\.ts$/.test(file))
    .toSorted()
    .map((file) => path.posix.join('suites', file.replaceAll(path.sep, '/')))
  const tests = files.flatMap((file) => sources.of(file).flatMap((statement) => testOf(sources, statement) ?? []))
  const anywhere = codesIn(sources.of(askedByAll).flatMap((statement) => sources.reach(statement)))
  return new Map(
    diagnosisCodes.map((code) => {
      const declares = tests.filter(({ declared }) => declared.includes(code))
      const declared = unique(declares.filter(({ counter }) => !counter).map(({ name }) => name))
      return [
        code,
        {
          declared,
          counterTests: unique(declares.filter(({ counter }) => counter).map(({ name }) => name)),
          others: unique(
            tests.filter(({ counter, names }) => !counter && names.includes(code)).map(({ name }) => name),
          ).filter((name) => !declared.includes(name)),
          anywhere: anywhere.includes(code),
        },
      ]
    }),
  )
}

interface Test {
  readonly name: string
  readonly counter: boolean
  readonly declared: readonly DiagnosisCode[]
  /** What its own code, and all of the suites and diagnoses that it calls, may name. */
  readonly names: readonly DiagnosisCode[]
}

/** The scenario or counter-test that a statement declares; null: none. */
function testOf(sources: Sources, statement: Statement): Test | null {
  const { text } = statement
  const [, kind, , name = ''] = /^(scenario|bootScenario)\(\s*(['"`])(.+?)\2/.exec(text) ?? []
  if (kind !== undefined)
    return { name, counter: false, declared: declaredBy(sources, statement), names: codesIn(sources.reach(statement)) }
  const [, , of, , against] =
    /^(?:counter|bootCounter)\(\s*(?:\w+,\s*)?(['"`])(.+?)\1,\s*(['"`])(.+?)\3/.exec(text) ?? []
  if (of === undefined || against === undefined) return null
  return { name: `${of} against ${against}`, counter: true, declared: declaredBy(sources, statement), names: [] }
}

/** The diagnosis of an expected verdict: in the statement's options, or in a constant of its file that they name. */
function declaredBy(sources: Sources, statement: Statement): DiagnosisCode[] {
  const constants = sources.mentioned(statement).filter(({ text }) => /^(?:export )?const \w+ = \{/.test(text))
  const text = [statement, ...constants].map((one) => one.text).join('\n')
  const declarations = [...text.matchAll(/\bdiagnosis: '([^']+)'/g), ...text.matchAll(/\bexpected: \w+\('([^']+)'\)/g)]
  const declared = new Set(declarations.map(([, code]) => code))
  return diagnosisCodes.filter((code) => declared.has(code))
}

/** Codes that stand in statements as texts, with parts that are put in at run time or without. */
function codesIn(statements: readonly Statement[]): DiagnosisCode[] {
  const texts = statements.flatMap(({ text }) =>
    [...text.matchAll(/(['`])([a-z]+\.[^'`\s]+)\1/g)].map(([, , found = '']) => found),
  )
  const patterns = unique(texts).map(
    (text) =>
      new RegExp(
        `^${text
          .split(/\$\{[^}]*\}/)
          .map(RegExp.escape)
          .join('[a-z-]+')}$`,
      ),
  )
  return diagnosisCodes.filter((code) => patterns.some((pattern) => pattern.test(code)))
}

/** What all scenarios ask says nothing of the one that asks. */
function isFollowed(file: string): boolean {
  if (file.startsWith('suites/')) return true
  return (
    file.startsWith('harness/diagnosis/') && file !== askedByAll && !path.posix.basename(file).startsWith('catalog')
  )
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
