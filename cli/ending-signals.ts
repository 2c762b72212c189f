/** The signals that end a command in order, and the exit code that stands for each: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type EndingSignal = keyof typeof exitCodes

/** Work that was told to end. */
export interface Interruption {
  readonly signal: EndingSignal
  readonly exitCode: number
}

/** npm passes on a Ctrl-C that the terminal has sent here already: a second one this soon is the same one. */
const echoMs = 1_500

export interface EndingSignalsOptions {
  /** What the first signal does, for the user: `ending the run`. */
  readonly ending: string
  readonly complain: (text: string) => void
}

/**
 * Listens to SIGINT, SIGTERM and SIGHUP until it is disposed of. The first aborts `interrupted`, at which the work must
 * end; a second one that is no echo of it ends the process at once.
 */
export class EndingSignals implements Disposable {
  readonly #controller = new AbortController()
  readonly #names = Object.keys(exitCodes) as EndingSignal[]
  readonly #options: EndingSignalsOptions
  #interruption: Interruption | null = null
  #interruptedAt = 0

  constructor(options: EndingSignalsOptions) {
    this.#options = options
    for (const name of this.#names) process.on(name, this.#interrupt)
  }

  get interrupted(): AbortSignal {
    return this.#controller.signal
  }

  /** Null: no signal has come. */
  get interruption(): Interruption | null {
    return this.#interruption
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) process.off(name, this.#interrupt)
  }

  readonly #interrupt = (signal: EndingSignal): void => {
    const { ending, complain } = this.#options
    if (this.#interruption === null) {
      this.#interruption = { signal, exitCode: exitCodes[signal] }
      this.#interruptedAt = Date.now()
      complain(`\n${signal}: ${ending} …`)
      this.#controller.abort(new Error(`ended by ${signal}`))
    } else if (Date.now() - this.#interruptedAt > echoMs) {
      complain(`${signal} again: ending at once. \`npm run sweep\` removes what is left.`)
      process.exit(exitCodes[signal])
    }
  }
}
