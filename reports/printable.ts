import { stripVTControlCharacters } from 'node:util'

/** Text out of a cluster for a terminal: without what would move its cursor, colour it or rename its window. Lines stay lines. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what this is about
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]+/g, ' ')
}
