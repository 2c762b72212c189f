import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** Who said it: the command line itself, or vitest with all that its workers printed. */
export type LogSource = 'run' | 'out' | 'err'

export function runLogPath(out: string): string {
  return path.join(out, 'run.log')
}

/**
 * Everything that a run says, on the screen or not, each line with its time. What is written is in the file before
 * `write` returns: a run that is killed leaves it.
 */
export class RunLog implements Disposable {
  readonly file: string
  #descriptor: number | null
  /** Whose line the last one is where it has no end yet. */
  #open: LogSource | null = null

  /** Begins the file anew; nobody but this user reads it. */
  constructor(file: string) {
    this.file = file
    mkdirSync(path.dirname(file), { recursive: true })
    // Not truncated: it may be somebody else's, or readable for others.
    rmSync(file, { force: true })
    this.#descriptor = openSync(file, 'ax', 0o600)
  }

  /** Whole lines. */
  say(source: LogSource, text: string): void {
    this.write(source, text.endsWith('\n') ? text : `${text}\n`)
  }

  /** A piece of output as it came: it may end within a line, which the next piece goes on with. */
  write(source: LogSource, text: string, at = new Date()): void {
    const pieces = stripVTControlCharacters(text).replaceAll('\r\n', '\n').split('\n')
    let written = ''
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1
      if (isLast && piece === '') break
      if (this.#open !== null && this.#open !== source) {
        written += '\n'
        this.#open = null
      }
      const start = this.#open === null ? `${at.toISOString()}  ${source}  ` : ''
      written += isLast ? start + piece : `${(start + piece).trimEnd()}\n`
      this.#open = isLast ? source : null
    }
    this.#append(written)
  }

  [Symbol.dispose](): void {
    if (this.#open !== null) this.#append('\n')
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
  }

  #append(text: string): void {
    if (this.#descriptor === null || text === '') return
    try {
      writeSync(this.#descriptor, text)
    } catch (error) {
      // A full disk must not end the run whose clusters have to be removed.
      this.#descriptor = null
      console.error(`warning: ${this.file} is not written any further: ${String(error)}`)
    }
  }
}
