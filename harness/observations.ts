import type { WaitContext } from './eventually.ts'

/** How many a failure's message ends with. */
const observationsShown = 5

/** The observations of one wait, equal ones in a row folded into one with a count. */
export class Observations {
  readonly #context: Pick<WaitContext, 'now' | 'observe'>
  readonly #name: string
  readonly #entries: { at: number; text: string; count: number }[] = []

  constructor(context: Pick<WaitContext, 'now' | 'observe'>, name: string) {
    this.#context = context
    this.#name = name
  }

  add(text: string): void {
    const last = this.#entries.at(-1)
    if (last?.text === text) {
      last.count += 1
      return
    }
    this.#entries.push({ at: this.#context.now(), text, count: 1 })
    this.#context.observe(this.#name, text)
  }

  text(): string {
    return this.#entries
      .slice(-observationsShown)
      .map(
        ({ at, text, count }) => `    at ${(at / 1_000).toFixed(1)} s: ${text}${count > 1 ? ` (${count} times)` : ''}`,
      )
      .join('\n')
  }
}
