import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { catalog, type DiagnosisCode, diagnosisCodes } from '../harness/diagnosis/catalog.ts'
import type { CatalogEntry } from '../harness/diagnosis/catalog-entry.ts'
import { type FieldFailure, fieldFailures } from '../harness/diagnosis/catalog-failures.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { table } from '../reports/allure/markdown.ts'
import { measuredOn, startCommand } from './explanation.ts'
import { upstreamUrl } from './upstream-url.ts'

/** The command that writes the pages anew. */
export const renewPages = 'npm run explain -- --pages'

export const pagesFolder = path.join(projectFolder, 'docs', 'failures')

/** The pages of docs/failures by their file names: one for each field failure, and their list with all diagnoses. */
export function failurePages(): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', indexPage()],
    ...fieldFailures.map((failure) => [`${failure.page}.md`, failurePage(failure)] as const),
  ])
}

/** Writes the pages, and returns their paths. */
export function writePages(folder = pagesFolder): string[] {
  mkdirSync(folder, { recursive: true })
  return [...failurePages()].map(([name, text]) => {
    const file = path.join(folder, name)
    writeFileSync(file, text)
    return file
  })
}

const generated = `<!-- Generated from harness/diagnosis by \`${renewPages}\`: change it there. -->`

function indexPage(): string {
  const failures = fieldFailures.map(({ page, title, diagnoses: [code] }) => [`[${title}](${page}.md)`, `\`${code}\``])
  const suites = Map.groupBy(diagnosisCodes, (code) => code.split('.', 1)[0] ?? code)
  const codes = [...suites.values()].flat().map((code) => [`\`${code}\``, cell(catalog[code].meaning)])
  return page([
    generated,
    '# Failures and their diagnoses',
    'Five failures in the field that clusterproof grew from. Each is a scenario that comes out `violates` on the affected ' +
      'setup, and `conforms` on fixed ones.',
    table(['failure', 'diagnosis'], failures),
    '## All diagnoses',
    'What each of them means. `npm run explain -- CODE` tells its cause, the commands that show it, what helps and what that ' +
      'was measured to do, the scenarios that find it, and where upstream explains it.',
    table(['code', 'meaning'], codes),
  ])
}

function failurePage({ title, seen, diagnoses, standsFor, setups, notes }: FieldFailure): string {
  const [main, ...near] = diagnoses
  const entry: CatalogEntry = catalog[main]
  const affected = unique(setups.filter(({ is }) => is === 'affected').map(({ scenario }) => scenario))
  const fixed = unique(setups.filter(({ is }) => is === 'fixed').map(({ scenario }) => scenario))
  return page([
    generated,
    `# ${title}`,
    `Diagnosis: \`${main}\` · [all failures](README.md)`,
    '## Seen in the field',
    seen,
    '## Mechanism',
    entry.cause,
    '## How clusterproof shows it',
    standsFor,
    shell([startCommand(affected), startCommand(fixed.filter((name) => !affected.includes(name)))]),
    table(
      ['setup', '', 'scenario', 'comes to'],
      setups.map(({ is, what, scenario, comesTo }) => [cell(what), is, `\`${scenario}\``, comesTo]),
    ),
    '## Evidence',
    'On the affected cluster, with its own names in the place of `<…>`:',
    shell([entry.evidence.map(({ command, shows }) => `# ${shows}\n${command}`).join('\n\n')]),
    '## What helps',
    remedies(main),
    `Measured ${measuredOn}.`,
    ...(notes.length === 0 ? [] : ['## Notes', list(notes)]),
    ...(near.length === 0
      ? []
      : [
          '## Near it',
          table(
            ['diagnosis', 'meaning', 'what helps'],
            near.map((code) => [`\`${code}\``, cell(catalog[code].meaning), nearRemedy(code)]),
          ),
        ]),
    '## References',
    list(unique(diagnoses.flatMap((code) => catalog[code].upstream)).map(reference)),
  ])
}

function remedies(code: DiagnosisCode): string {
  const entry: CatalogEntry = catalog[code]
  return table(
    ['remedy', 'measured', 'by'],
    entry.remedies.map(({ text, measured }) => [
      cell(text),
      cell(measured?.effect ?? 'not measured'),
      measured === undefined ? '' : cell(measured.by),
    ]),
  )
}

/** The first remedy, which is the nearest one. */
function nearRemedy(code: DiagnosisCode): string {
  const {
    remedies: [first],
  }: CatalogEntry = catalog[code]
  return cell(first?.text ?? '')
}

function reference(text: string): string {
  const url = upstreamUrl(text)
  return url === null ? text : `[${text}](${url})`
}

function shell(commands: readonly string[]): string {
  return ['```sh', ...commands, '```'].join('\n')
}

/** Text of the catalog in a table: it is the project's own, and has at most what would end a cell or begin a tag. */
function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;')
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
