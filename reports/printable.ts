import { stripVTControlCharacters } from 'node:util'

/**
 * Text out of a cluster for a terminal or the log of a CI: without what would move a cursor, colour it or rename its
 * window, and without what a CI would obey. Lines stay lines.
 */
export function printable(text: string): string {
  return withoutCommands(
    // oxlint-disable-next-line no-control-regex -- they are what this is about
    stripVTControlCharacters(text).replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]+/g, ' '),
  )
}

/**
 * The text with a space in what a CI's runner takes for a command. GitHub's obeys `::error::` at the beginning of a line,
 * whatever the indentation, and `##[error]` anywhere in one (ActionCommand.cs of actions/runner); Azure Pipelines and
 * TeamCity have `##vso[` and `##teamcity[`. Any word may begin a line once a long one is broken. An address such as `::1`
 * is no command.
 */
export function withoutCommands(text: string): string {
  return text.replaceAll(/(?<!\S)::(?=[a-z])/gi, ': :').replaceAll(/##(?=\w*\[)/g, '# #')
}
