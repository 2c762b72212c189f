import { stripVTControlCharacters } from 'node:util'

/** What was looked at, and what was not as it must be. */
export class Checks {
  readonly #say: (line: string) => void
  #passed = 0
  #failed = 0

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  get passed(): number {
    return this.#passed
  }

  get failed(): number {
    return this.#failed
  }

  /** Notes one check, by what must hold. */
  add(name: string, problems: readonly string[]): void {
    if (problems.length === 0) {
      this.#passed += 1
      this.#say(`ok      ${name}`)
      return
    }
    this.#failed += 1
    this.#say(`failed  ${name}`)
    // One fault on every page is one fault, however often it was seen.
    for (const problem of new Set(problems)) for (const line of problem.split('\n')) this.#say(`        ${line}`)
  }

  /** Notes as one check what must work; an error in it is its problem. Whether it did. */
  async run(name: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      this.add(name, [])
      return true
    } catch (error) {
      // Playwright's log of what it tried is coloured, also where nobody asked for colours.
      this.add(name, [stripVTControlCharacters(error instanceof Error ? error.message : String(error)).trim()])
      return false
    }
  }

  closingLine(): string {
    return `${this.#passed} checks passed, ${this.#failed} failed`
  }
}
