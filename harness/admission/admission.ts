import { connect } from 'node:net'
import { createInterface } from 'node:readline'

import type { Journal } from '../journal.ts'
import { admissionVariable, type Answer, answerSchema, type Request } from './protocol.ts'
import type { Wish } from './room.ts'
import { type Neighbours, nobody } from './turn.ts'

/** A cluster's place on the host. It is given back where it goes out of scope, or with the process. */
export interface Admission extends Disposable, Neighbours {
  /** How many clusters of this run were there before it. */
  readonly beside: number
  /** How long it has waited so far to start and to be tested, in milliseconds. */
  readonly waitedMs: number
  /** The cluster is up, or will not be: another may start. Resolves once it may be tested. */
  started(): Promise<void>
}

const free: Admission = {
  ...nobody,
  beside: 0,
  waitedMs: 0,
  started: () => Promise.resolve(),
  [Symbol.dispose]: () => undefined,
}

interface Asked extends Wish {
  readonly name: string
}

/**
 * Waits until the host has room for one more cluster of this run, and tells the journal for how long and why. Where
 * nobody admits, such as for a single file that is run by hand, there is room.
 */
export async function admission(
  { name, machines, yields, expectedMs }: Asked,
  journal: Journal,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Admission> {
  const [port, token] = environment[admissionVariable]?.split(':') ?? []
  if (port === undefined || token === undefined) return free
  const socket = connect({ host: '127.0.0.1', port: Number(port) })
  // Who admits has ended, and everything ends with it.
  socket.on('error', () => socket.destroy())
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]()
  const ask = async (request: Request): Promise<Answer | null> => {
    socket.write(`${JSON.stringify(request)}\n`)
    // It rejects where the connection broke, and is done where that was closed.
    const line = await answers.next().catch(() => null)
    return line === null || line.done === true ? null : answerSchema.parse(JSON.parse(line.value))
  }
  let waitedMs = 0
  let turn: Promise<number> | undefined
  /** Asks, and tells the journal how long that took and why; null: there is nobody who admits. */
  const waitFor = async (kind: string, request: Request): Promise<Answer | null> => {
    const since = journal.now()
    const answer = await ask(request)
    const tookMs = Math.round(journal.now() - since)
    waitedMs += tookMs
    if (answer !== null) journal.append('host', kind, name, { waitedMs: tookMs, ...answer })
    return answer
  }
  const answer = await waitFor('admitted', { kind: 'start', token, machines, yields, expectedMs })
  if (answer === null) return free
  socket.unref()
  return {
    beside: answer.beside,
    get waitedMs() {
      return waitedMs
    },
    started: async () => void (await waitFor('tested', { kind: 'started', token })),
    // One at a time: who has lost patience with the last answer is given the same.
    turn: () =>
      (turn ??= ask({ kind: 'turn', token })
        .then(besideOf)
        .finally(() => (turn = undefined))),
    [Symbol.dispose]: () => socket.destroy(),
  }
}

function besideOf(answer: Answer | null): number {
  return answer?.beside ?? 0
}
