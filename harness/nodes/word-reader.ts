/**
 * Who reads the words that are added to a node's command. A program takes each as it is: `docker exec NAME`. ssh joins
 * them with blanks and hands the line to the shell of whoever logs in, which must be a POSIX one.
 */
export type WordReader = 'program' | 'shell'

/** The arguments that make the reader run this command, word for word. */
export function wordsFor(reader: WordReader, command: readonly string[]): readonly string[] {
  return reader === 'program' ? command : [command.map(shellQuoted).join(' ')]
}

/** The word as a POSIX shell reads it back, whatever is in it (a NUL cannot be). */
export function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** A command whose answer tells the readers apart: a shell makes one blank of the two, and two words. */
export const tellingCommand = ['echo', 'two  blanks'] as const

/** Who read {@link tellingCommand}, by its standard output; null: neither of the two, or somebody talked in between. */
export function readerThatSaid(output: string): WordReader | null {
  const said = output.trim()
  if (said === 'two  blanks') return 'program'
  return said === 'two blanks' ? 'shell' : null
}
