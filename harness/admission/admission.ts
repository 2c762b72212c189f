import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

import type { Journal } from '../journal.ts'
import { admissionVariable, answerSchema, type Request } from './protocol.ts'
import type { Candidate } from './room.ts'

/** A cluster's place on the host. It is given back where it goes out of scope, or with the process. */
export interface Admission extends Disposable {
  /** How many clusters of this run were there before it. */
  readonly beside: number
  /** The cluster is up, or will not be: another may start. */
  started(): void
}

const free: Admission = { beside: 0, started: () => undefined, [Symbol.dispose]: () => undefined }

interface Asked extends Candidate {
  readonly name: string
}

/**
 * Waits until the host has room for one more cluster of this run, and tells the journal for how long and why. Where
 * nobody admits, such as for a single file that is run by hand, there is room.
 */
export async function admission(
  { name, machines, yields }: Asked,
  journal: Journal,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Admission> {
  const [port, token] = environment[admissionVariable]?.split(':') ?? []
  if (port === undefined || token === undefined) return free
  const asked = journal.now()
  const socket = connect({ host: '127.0.0.1', port: Number(port) })
  // Who admits has ended, and everything ends with it.
  socket.on('error', () => socket.destroy())
  const tell = (request: Request) => socket.write(`${JSON.stringify(request)}\n`)
  tell({ kind: 'start', token, machines, yields })
  const answer = await firstLine(socket)
  if (answer === null) return free
  const { beside, why } = answerSchema.parse(JSON.parse(answer))
  journal.append('host', 'admitted', name, { waitedMs: Math.round(journal.now() - asked), beside, why })
  socket.unref()
  return {
    beside,
    started: () => tell({ kind: 'started', token }),
    [Symbol.dispose]: () => socket.destroy(),
  }
}

/** Null: the connection was closed before. */
async function firstLine(socket: Socket): Promise<string | null> {
  const lines = createInterface({ input: socket })
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  try {
    const [line]: unknown[] = await once(lines, 'line', { signal: closed.signal })
    return typeof line === 'string' ? line : null
  } catch {
    return null
  }
}
