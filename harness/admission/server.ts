import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

import { LoadMeter } from './load-meter.ts'
import { type Answer, type Request, requestSchema } from './protocol.ts'
import { type Admitted, reasonToIdle, reasonToWait, type Wish } from './room.ts'
import { turnWindowMs } from './turn.ts'

type Meter = Pick<LoadMeter, 'look' | 'over' | 'forget'>

interface Guest {
  readonly socket: Socket
  wants: Wish
  /** Until when it should be there, in milliseconds of this process. */
  endsAtMs: number
  /** `silent`: it has not said yet what it wants. */
  state: 'silent' | 'waiting' | 'starting' | 'ready' | 'tested'
  /** Why it has waited last; empty: it has not. */
  why: string
  /** Whether it waits for the turn of a scenario. */
  wantsTurn: boolean
}

/** How often the host is looked at, in milliseconds. */
const lookMs = 500

/**
 * Over how long the load is measured, in milliseconds: for a start, as faults come in bursts of seconds; and for a test beside
 * several others, of which the last one must have been at its work for as long.
 */
const windowMs = { start: turnWindowMs, test: 30_000 }

/**
 * Lets the clusters of one run in, one start at a time, first come first served, and only while the host has room; has as many
 * tested at once as may be, and their scenarios begin one after the other. A cluster is there for as long as its connection is:
 * one whose process was killed has left.
 */
export class AdmissionServer implements AsyncDisposable {
  readonly #server: Server
  readonly #token = randomBytes(16).toString('hex')
  /** In the order in which they came. */
  readonly #guests = new Set<Guest>()
  readonly #meter: Meter
  readonly #atOnce: number
  /** Who had the last turn, and when, in milliseconds of this process. */
  #lastTurn: { readonly guest: Guest; readonly atMs: number } | undefined
  /** Set once there is somebody to let in: unit tests have no clusters. */
  #timer: NodeJS.Timeout | undefined

  private constructor(atOnce: number, meter: Meter) {
    this.#atOnce = atOnce
    this.#meter = meter
    this.#server = createServer((socket) => this.#welcome(socket))
  }

  /** @param atOnce how many clusters may be tested at the same time */
  static async listen(atOnce: number, meter: Meter = new LoadMeter()): Promise<AdmissionServer> {
    const admission = new AdmissionServer(atOnce, meter)
    const listening = Promise.withResolvers<void>()
    admission.#server.once('error', listening.reject).listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    return admission
  }

  /** What a process of this run needs to ask: `PORT:TOKEN`. */
  get address(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new RangeError('the server does not listen')
    return `${address.port}:${this.#token}`
  }

  #welcome(socket: Socket): void {
    const guest: Guest = {
      socket,
      wants: nothing,
      endsAtMs: 0,
      state: 'silent',
      why: '',
      wantsTurn: false,
    }
    this.#guests.add(guest)
    this.#timer ??= setInterval(() => this.#decide(), lookMs)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#guests.delete(guest)
      this.#decide()
    })
    const lines = createInterface({ input: socket })
    // It hands the socket's errors on, which that has dealt with.
    lines.on('error', () => undefined)
    lines.on('line', (line) => {
      const request = requestOf(line)
      if (request === null || !this.#knows(request.token)) socket.destroy()
      else this.#answer(guest, request)
    })
  }

  #answer(guest: Guest, request: Request): void {
    if (request.kind === 'start' && guest.state === 'silent') {
      guest.wants = request
      guest.state = 'waiting'
    }
    if (request.kind === 'started' && guest.state === 'starting') {
      guest.state = 'ready'
      guest.why = ''
    }
    if (request.kind === 'turn') guest.wantsTurn = true
    this.#decide()
  }

  #decide(): void {
    this.#meter.look()
    this.#haveTested()
    this.#admit()
    for (const guest of this.#guests) if (guest.wantsTurn && this.#isFreeFor(guest)) this.#giveTurn(guest)
  }

  /** A start that does not yield is part of its test: it has its place already. */
  #haveTested(): void {
    for (const guest of this.#present()) {
      if (guest.state !== 'ready') continue
      const tested = this.#present().filter(({ state }) => state === 'tested').length
      const reason = guest.wants.yields ? reasonToIdle(tested, this.#meter.over(windowMs.test), this.#atOnce) : null
      if (reason === null) {
        guest.state = 'tested'
        this.#meter.forget()
        tell(guest, { beside: this.#present().length - 1, why: guest.why })
      } else guest.why = reason
    }
  }

  /** Whether no other scenario began so lately that the host does not show it yet. */
  #isFreeFor(guest: Guest): boolean {
    const last = this.#lastTurn
    if (last === undefined || last.guest === guest || !this.#guests.has(last.guest)) return true
    return performance.now() - last.atMs >= turnWindowMs
  }

  #giveTurn(guest: Guest): void {
    guest.wantsTurn = false
    this.#lastTurn = { guest, atMs: performance.now() }
    tell(guest, { beside: this.#present().length - 1, why: '' })
  }

  #present(): (Guest & Pick<Admitted, 'state'>)[] {
    return [...this.#guests].filter(isAdmitted)
  }

  /** Lets in who has waited longest, if there is room: nobody goes before, however little it needs. */
  #admit(): void {
    const first = [...this.#guests].find(({ state }) => state === 'waiting')
    if (first === undefined) return
    const now = performance.now()
    const present = this.#present().map(({ state, endsAtMs }): Admitted => ({ state, leftMs: endsAtMs - now }))
    const reason = reasonToWait(first.wants, present, this.#meter.over(windowMs.start), this.#atOnce)
    if (reason === null) {
      first.state = 'starting'
      first.endsAtMs = now + first.wants.expectedMs
      tell(first, { beside: present.length, why: first.why })
    } else first.why = reason
  }

  #knows(token: string): boolean {
    return token.length === this.#token.length && timingSafeEqual(Buffer.from(token), Buffer.from(this.#token))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    for (const { socket } of this.#guests) socket.destroy()
    await closed
  }
}

/** Until it has said what it wants. */
const nothing: Wish = { machines: 0, yields: true, expectedMs: 0 }

function isAdmitted(guest: Guest): guest is Guest & Pick<Admitted, 'state'> {
  return guest.state !== 'silent' && guest.state !== 'waiting'
}

function tell({ socket }: Guest, answer: Answer): void {
  socket.write(`${JSON.stringify(answer)}\n`)
}

function requestOf(line: string): Request | null {
  try {
    return requestSchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}
