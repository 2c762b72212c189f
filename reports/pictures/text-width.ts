import * as vega from 'vega'

const narrow = new Set("ijlt.,:;|'`!()[]{}/\\ fI-")
const wide = new Set('mwMW@%&—…')

/**
 * About how wide a text comes out in pixels. No font can be asked where a picture is made without a browser, so this errs
 * to the wide side for the usual sans-serif fonts.
 */
export function textWidth(text: string, fontSize: number): number {
  let units = 0
  for (const character of text) units += characterWidth(character)
  return units * fontSize
}

function characterWidth(character: string): number {
  if (narrow.has(character)) return 0.37
  if (wide.has(character)) return 0.95
  // Beyond Latin, Greek and Cyrillic a character may be as wide as it is high.
  if ((character.codePointAt(0) ?? 0) > 0x2e80) return 1
  return character === character.toUpperCase() && character !== character.toLowerCase() ? 0.72 : 0.58
}

/** The text, cut with an ellipsis where it is wider than `width` pixels; empty where not even one character fits. */
export function cutText(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text
  const characters = [...text]
  let room = width - textWidth('…', fontSize)
  let kept = ''
  for (const character of characters) {
    room -= characterWidth(character) * fontSize
    if (room < 0) break
    kept += character
  }
  return kept === '' ? '' : `${kept.trimEnd()}…`
}

/** The text, cut in its middle: names of pods differ at their ends. */
export function cutMiddle(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text
  const characters = [...text]
  for (let kept = characters.length - 1; kept > 1; kept -= 1) {
    const head = Math.ceil(kept / 2)
    const cut = `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (kept - head)).join('')}`
    if (textWidth(cut, fontSize) <= width) return cut
  }
  return ''
}

/** The text in at most `most` lines of `width` pixels, broken between words; the last is cut where there is more. */
export function asLines(text: string, width: number, fontSize: number, most: number): string[] {
  const lines: string[] = []
  let line = ''
  const words = text.split(/\s+/).filter((word) => word !== '')
  for (const [index, word] of words.entries()) {
    if (lines.length === most - 1) {
      lines.push(cutText([line, ...words.slice(index)].join(' ').trim(), width, fontSize))
      return lines
    }
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && textWidth(longer, fontSize) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return line === '' ? lines : [...lines, cutText(line, width, fontSize)]
}

/**
 * Tells vega to measure texts in this way. Without a canvas it takes every character for 0.8 of its height, which
 * is half as much again as they are, and leaves as much room.
 */
export function measureTextsByCharacter(): void {
  // vega exports it from vega-scenegraph, and its types leave it out.
  if (!('textMetrics' in vega)) return
  const metrics: { width?: unknown } | null = Object(vega.textMetrics)
  if (metrics === null) return
  metrics.width = (item: { fontSize?: number }, text: unknown) => textWidth(textOf(text), item.fontSize ?? 11)
}

function textOf(text: unknown): string {
  return text === null || text === undefined ? '' : String(text)
}
