import { stripVTControlCharacters } from 'node:util'

import { withoutCommands } from './printable.ts'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** East Asian Wide and Fullwidth (Unicode TR 11), by blocks: what a terminal gives two columns to. */
const wide =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u
const emoji = /^\p{Emoji_Presentation}|\u{FE0F}/u
const without = /^(?:\p{Mark}|\p{Default_Ignorable_Code_Point})+$/u

/** How many columns of a terminal the text takes. It must be `printable`. */
export function columnsOf(text: string): number {
  // What most texts are made of needs no look at each character.
  if (/^[\x20-\x7E]*$/.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += columnsOfOne(segment)
  return columns
}

/** The text within so many columns; where it is cut, it ends with `…`. */
export function cut(text: string, columns: number): string {
  if (columns <= 0) return ''
  if (columnsOf(text) <= columns) return text
  let kept = ''
  let taken = 0
  for (const { segment } of graphemes.segment(text)) {
    const next = columnsOfOne(segment)
    if (taken + next > columns - 1) break
    kept += segment
    taken += next
  }
  return `${kept.trimEnd()}…`
}

/** The text cut and filled up with spaces to exactly so many columns. */
export function fill(text: string, columns: number): string {
  const fitting = cut(text, columns)
  return fitting + ' '.repeat(Math.max(0, columns - columnsOf(fitting)))
}

/** The line in as many as it takes, broken between words; what follows the first is indented by so many columns. */
export function broken(text: string, columns: number, indent: number): string[] {
  const lead = /^ */.exec(text)?.[0] ?? ''
  const [first = '', ...words] = text.slice(lead.length).split(' ')
  const lines: string[] = []
  let line = lead + first
  for (const word of words) {
    // A word that is wider than a line is left to the terminal: whoever copies it wants it whole.
    if (columnsOf(`${line} ${word}`) <= columns) {
      line += ` ${word}`
      continue
    }
    lines.push(line)
    line = ' '.repeat(indent) + word
  }
  return [...lines, line]
}

/**
 * One line of text without anything that moves the cursor, colours, or is a command to a CI: names and messages come
 * from clusters.
 */
export function printable(text: string): string {
  const line = stripVTControlCharacters(text)
    .replaceAll(/[\p{Control}\p{Line_Separator}\p{Paragraph_Separator}\s]+/gu, ' ')
    .replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, '')
    .trim()
  return withoutCommands(line)
}

function columnsOfOne(grapheme: string): number {
  if (without.test(grapheme)) return 0
  return wide.test(grapheme) || emoji.test(grapheme) ? 2 : 1
}
