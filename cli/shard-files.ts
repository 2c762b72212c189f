import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import picomatch from 'picomatch'
import { z } from 'zod'

import { projectFolder } from '../harness/images/settings.ts'
import type { RunSettings } from '../harness/run.ts'
import { unitProject } from '../reports/run-events.ts'
import { suiteSources } from './scenario-names.ts'

/** A file of scenarios or counter-tests, as vitest.config.ts has it. */
export interface SuiteFile {
  /** Relative to the project. */
  readonly file: string
  /** Of vitest.config.ts, such as `counter:election`. */
  readonly project: string
  /** It runs with nothing beside it, after all others. */
  readonly alone: boolean
  /** Names of the verdicts that it comes to; one that boots several clusters comes to one of that name on each. */
  readonly scenarios: readonly string[]
}

const configSchema = z.object({
  test: z.object({
    projects: z.array(
      z.object({
        test: z.object({
          name: z.string(),
          include: z.array(z.string()),
          sequence: z.object({ groupOrder: z.number() }),
        }),
      }),
    ),
  }),
})

/**
 * All files of scenarios and counter-tests of these projects and their parts, sorted. vitest.config.ts itself says which
 * project a file is of: to read it takes half a second, which only a run of a shard pays.
 */
export async function suiteFiles(
  projects: readonly string[],
  matrix: RunSettings['matrix'],
  folder = projectFolder,
): Promise<SuiteFile[]> {
  const { default: config } = (await import('../vitest.config.ts')) as { readonly default: unknown }
  const known = configSchema
    .parse(config)
    .test.projects.map(({ test }) => test)
    .filter(({ name }) => name !== unitProject)
  const earliest = Math.min(...known.map(({ sequence }) => sequence.groupOrder))
  const wanted = known.filter(({ name }) => projects.some((project) => name.startsWith(project)))
  const files = readdirSync(path.join(folder, 'suites'), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join('suites', file))
    .toSorted()
  const matchers = wanted.map(({ name, include, sequence }) => ({
    project: name,
    // A group begins when the one before it has ended.
    alone: sequence.groupOrder > earliest,
    matches: picomatch(include),
  }))
  const isLeft = matrix === 'whole' ? () => false : leftToTheNight(folder)
  return files.flatMap((file) =>
    matchers
      .filter(({ matches }) => matches(file))
      .map(({ project, alone }) => ({
        file,
        project,
        alone,
        scenarios: verdictNames(path.join(folder, file), isLeft),
      })),
  )
}

/** The names of the verdicts that a run of the file should come to, without what is left to the night. */
function verdictNames(file: string, isLeft: (test: Declared) => boolean): string[] {
  const tests = file.endsWith('.suite.ts')
    ? suiteSources(file).flatMap(declaredIn)
    : counterTests(readFileSync(file, 'utf8'))
  return tests.filter((test) => !isLeft(test)).map(({ title }) => title)
}

/** A test that comes to a verdict. */
interface Declared {
  /** The scenario. */
  readonly of: string
  /** What its verdict is called. */
  readonly title: string
  /** Whether it says that it runs with the whole matrix only. */
  readonly nightly: boolean
}

const declaration = /^\s*(?:bootS|s)cenario\(\s*(['"`])([^'"`$]+)\1/gm

function declaredIn(source: string): Declared[] {
  return declarations(source, declaration, ([, , name = '']) => ({ of: name, title: name }))
}

/** What a source declares by calls that begin so; each goes as far as the next one. */
function declarations(
  source: string,
  beginning: RegExp,
  named: (call: RegExpExecArray) => Omit<Declared, 'nightly'>,
): Declared[] {
  const calls = [...source.matchAll(beginning)]
  return calls.map((call, index) => {
    const own = source.slice(call.index, calls[index + 1]?.index)
    const { of, title } = named(call)
    return { of, title, nightly: /\bnightly: true\b/.test(own) }
  })
}

/** Tells what runs with the whole matrix only: what says so, and the counter-tests of such scenarios. */
function leftToTheNight(folder: string): (test: Declared) => boolean {
  const suites = path.join(folder, 'suites')
  const scenarios = readdirSync(suites, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(suite|scenario)\.ts$/.test(file))
    .flatMap((file) => declaredIn(readFileSync(path.join(suites, file), 'utf8')))
  const left = new Set(scenarios.flatMap(({ of, nightly }) => (nightly ? [of] : [])))
  return ({ of, nightly }) => nightly || left.has(of)
}

const counterTest = /^(?:c|bootC)ounter\(\s*(?:\w+,\s*)?'([^']+)',\s*(['"])(.*?)\2,/gm

/** The counter-tests that a source declares. */
export function counterTests(source: string): Declared[] {
  return declarations(source, counterTest, ([, of = '', , against = '']) => ({ of, title: `${of} against ${against}` }))
}
