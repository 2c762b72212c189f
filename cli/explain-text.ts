import { catalog, diagnosisCodes } from '../harness/diagnosis/catalog.ts'
import { alsoFoundBy, type Explanation, measuredOn } from './explanation.ts'

/** An explanation for a terminal. Commands stand on lines of their own, unbroken, so that they can be copied. */
export function explanationText(explanation: Explanation, width = 100): string {
  const { code, meaning, cause, evidence, remedies, upstream, scenarios, shownBy, page } = explanation
  const isMeasured = remedies.some(({ measured }) => measured !== undefined)
  const also = alsoFoundBy(scenarios)
  const withNote = (command: string, note: string) => `  ${command}\n${wrapped(note, width, '      ')}`
  const sections = [
    section(code, [wrapped(meaning, width)]),
    section('cause', [wrapped(cause, width, '  ')]),
    section(
      'evidence to look for',
      evidence.map(({ command, shows }) => withNote(command, shows)),
    ),
    section(
      'what helps',
      remedies.map(({ text, measured }) => {
        const remedy = wrapped(text, width, '    ', '  - ')
        if (measured === undefined) return remedy
        return `${remedy}\n${wrapped(`measured: ${measured.effect} (${measured.by})`, width, '      ')}`
      }),
      isMeasured ? wrapped(`measured ${measuredOn}`, width, '  ') : '',
    ),
    section(
      'shown by',
      shownBy.map(({ command, runs }) => withNote(command, runs)),
      also === '' ? '' : wrapped(`also found by: ${also}`, width, '  '),
    ),
    section(
      'upstream',
      upstream.map(({ reference, url }) => {
        const name = wrapped(reference, width, '    ', '  - ')
        return url === null ? name : `${name}\n    ${url}`
      }),
    ),
    page === null ? '' : `the failure in the field: ${page}`,
  ]
  return sections.filter((text) => text !== '').join('\n\n')
}

/** Empty where there is nothing in it. */
function section(head: string, items: readonly string[], note = ''): string {
  const lines = [...items, note].filter((text) => text !== '')
  return lines.length === 0 ? '' : [head, ...lines].join('\n')
}

/** All codes by suite, one a line. */
export function codesText(width = 140): string {
  const suites = Map.groupBy(diagnosisCodes, (code) => code.split('.', 1)[0] ?? code)
  const longest = Math.max(...diagnosisCodes.map((code) => code.length))
  return [...suites]
    .map(([suite, codes]) =>
      [
        `${suite}/`,
        ...codes.map((code) => shortened(`  ${code.padEnd(longest)}  ${catalog[code].meaning}`, width)),
      ].join('\n'),
    )
    .join('\n\n')
}

function shortened(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 2)} …`
}

/** Lines of at most this width, but for words that are longer; the first may begin otherwise than the rest. */
function wrapped(text: string, width: number, indent = '', first = indent): string {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(/\s+/)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line].join('\n')
}
