import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { messageOf } from '../error-message.ts'
import { KubeApi, KubeApiError } from './api.ts'
import { reconcile, type Watched, type WatchEvent, watchResource } from './watch.ts'

// The pause after a failure: there is nothing to wait for here.
vi.mock('node:timers/promises', () => ({ setTimeout: () => new Promise((resolve) => void setImmediate(resolve)) }))

type Thing = Watched

const thing = (name: string, version: number): Thing => ({
  metadata: { name, uid: `uid-${name}`, resourceVersion: String(version) },
})

/** A connection without TLS: what is under test is what comes over it. */
class PlainApi extends KubeApi {
  readonly #agent = new Agent({ keepAlive: false })

  constructor(server: URL) {
    super({ server, ca: undefined, cert: undefined, key: undefined, token: undefined })
  }

  override open(method: string, path: string, { signal }: { readonly signal?: AbortSignal }): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, this.server),
        { method, agent: this.#agent, ...(signal && { signal }) },
        (response) => {
          if (response.statusCode === 200) resolve(response)
          else reject(new KubeApiError(`${method} ${path}: ${response.statusCode}`, response.statusCode ?? 0))
        },
      )
      outgoing.on('error', reject)
      outgoing.end()
    })
  }
}

let server: Server
let respond: (url: URL, response: ServerResponse) => void

beforeAll(async () => {
  server = createServer(({ url }, response) => respond(new URL(url ?? '', 'http://localhost'), response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`
const list = (version: number, items: readonly Thing[]) =>
  JSON.stringify({ metadata: { resourceVersion: String(version) }, items })

/** What the loop reports until it has reported the thing of that name. */
async function watchUntil(last: string, requests: ((url: URL, response: ServerResponse) => void)[]) {
  const asked: string[] = []
  const events: string[] = []
  const interruptions: string[] = []
  const abort = new AbortController()
  respond = (url, response) => {
    asked.push(url.searchParams.has('watch') ? `watch from ${url.searchParams.get('resourceVersion')}` : 'list')
    const next = requests.shift()
    if (next === undefined) abort.abort()
    else next(url, response)
  }
  // It listens on a TCP port, so that its address is no text.
  using api = new PlainApi(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  const handlers = {
    onEvent: ({ type, object: { metadata } }: WatchEvent<Thing>) => {
      events.push(`${type} ${metadata.name} ${metadata.resourceVersion}`)
      if (metadata.name === last) abort.abort()
    },
    onInterruption: (error: unknown) => void interruptions.push(messageOf(error)),
  }
  await watchResource(api, '/api/v1/things', handlers, abort.signal)
  return { asked, events, interruptions }
}

describe('watchResource', () => {
  it('lists, then follows from the version of the list', async () => {
    let query: URLSearchParams | undefined
    const { asked, events, interruptions } = await watchUntil('end', [
      (_, response) => response.end(list(10, [thing('a', 4)])),
      ({ searchParams }, response) => {
        query = searchParams
        response.write(line('MODIFIED', thing('a', 11)))
        response.write(line('ADDED', thing('b', 12)))
        response.write(line('DELETED', thing('a', 13)))
        response.write(line('ADDED', thing('end', 14)))
      },
    ])
    expect(asked).toEqual(['list', 'watch from 10'])
    expect(query?.toString()).toBe('watch=1&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=10')
    expect(events).toEqual(['ADDED a 4', 'MODIFIED a 11', 'ADDED b 12', 'DELETED a 13', 'ADDED end 14'])
    expect(interruptions).toEqual([])
  })

  it('resumes at once where the stream ends, from the last version, bookmarks included', async () => {
    const { asked, events, interruptions } = await watchUntil('end', [
      (_, response) => response.end(list(10, [])),
      (_, response) => response.end(line('ADDED', thing('a', 11))),
      (_, response) => response.end(line('BOOKMARK', thing('', 20))),
      (_, response) => response.write(line('ADDED', thing('end', 21))),
    ])
    expect(asked).toEqual(['list', 'watch from 10', 'watch from 11', 'watch from 20'])
    expect(events).toEqual(['ADDED a 11', 'ADDED end 21'])
    expect(interruptions).toEqual([])
  })

  it('puts an event together that comes in pieces, and asks again for one that never came whole', async () => {
    const [first, second] = [line('ADDED', thing('ä', 11)), line('ADDED', thing('b', 12))]
    const bytes = Buffer.from(first)
    const { asked, events } = await watchUntil('end', [
      (_, response) => response.end(list(10, [])),
      (_, response) => {
        // In the middle of a letter, and late enough to come as a piece of its own.
        const cut = bytes.indexOf(0xc3) + 1
        response.write(bytes.subarray(0, cut))
        setTimeout(() => response.end(Buffer.concat([bytes.subarray(cut), Buffer.from(second.slice(0, 25))])), 5)
      },
      (_, response) => response.write(second + line('ADDED', thing('end', 13))),
    ])
    expect(asked).toEqual(['list', 'watch from 10', 'watch from 11'])
    expect(events).toEqual(['ADDED ä 11', 'ADDED b 12', 'ADDED end 13'])
  })

  it.each([
    ['an ERROR event', (response: ServerResponse) => response.write(line('ERROR', { code: 410, message: 'too old' }))],
    ['the status 410', (response: ServerResponse) => response.writeHead(410).end()],
    ['a broken connection', (response: ServerResponse) => response.destroy()],
    ['a line that is no JSON', (response: ServerResponse) => response.end('Internal error\n')],
  ])('lists anew after %s, and reports what has changed meanwhile', async (_, fail) => {
    const { asked, events, interruptions } = await watchUntil('end', [
      (__, response) => response.end(list(10, [thing('kept', 1), thing('changed', 2), thing('gone', 3)])),
      (__, response) => fail(response),
      (__, response) =>
        response.end(list(30, [thing('kept', 1), thing('changed', 25), thing('new', 26), thing('end', 27)])),
    ])
    expect(asked).toEqual(['list', 'watch from 10', 'list'])
    expect(events.slice(3)).toEqual(['DELETED gone 3', 'MODIFIED changed 25', 'ADDED new 26', 'ADDED end 27'])
    expect(interruptions).toHaveLength(1)
  })

  it('goes on where the list fails', async () => {
    const { asked, interruptions } = await watchUntil('end', [
      (_, response) => response.writeHead(500).end(),
      (_, response) => response.writeHead(403).end(),
      (_, response) => response.end(list(1, [thing('end', 1)])),
    ])
    expect(asked).toEqual(['list', 'list', 'list'])
    expect(interruptions).toEqual(['GET /api/v1/things: 500', 'GET /api/v1/things: 403'])
  })

  it('ends without a complaint when it is told to', async () => {
    const { asked, interruptions } = await watchUntil('end', [(_, response) => response.end(list(1, []))])
    expect(asked).toEqual(['list', 'watch from 1'])
    expect(interruptions).toEqual([])
  })

  it('loses nothing, however often and wherever the stream is cut', async () => {
    const change = fc.record({ name: fc.constantFrom('a', 'b', 'c'), gone: fc.boolean() })
    const cut = fc.record({
      after: fc.nat(4),
      how: fc.constantFrom('end', 'half a line', 'break', 'gone'),
      missed: fc.nat(2),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), fc.array(cut, { maxLength: 6 }), async (changes, cuts) => {
        const history = [...effective(changes), { type: 'ADDED' as const, object: thing('end', changes.length + 1) }]
        let visible = 0
        const serve = (url: URL, response: ServerResponse) => {
          if (!url.searchParams.has('watch')) {
            response.end(list(visible, [...replay(history.slice(0, visible)).values()]))
            return
          }
          const { after, how, missed } = cuts.shift() ?? { after: history.length, how: 'hold', missed: 0 }
          const coming = history.slice(Number(url.searchParams.get('resourceVersion')))
          const sent = coming.slice(0, after)
          for (const { type, object } of sent) response.write(line(type, object))
          if (how === 'half a line' && coming[after] !== undefined)
            response.write(line('ADDED', coming[after].object).slice(0, 9))
          if (how === 'gone') response.write(line('ERROR', { code: 410 }))
          // While nobody watches, more may happen.
          visible = Math.min(history.length, Math.max(visible, history.length - coming.length + after + missed))
          if (how === 'break') setImmediate(() => void response.destroy())
          else if (how !== 'hold') response.end()
        }
        const graceful = cuts.every(({ how }) => how === 'end' || how === 'half a line')
        const { events } = await watchUntil(
          'end',
          Array.from({ length: 40 }, () => serve),
        )
        const told = events.map(parseEvent)
        expect([...replay(told).keys()].toSorted()).toEqual([...replay(history).keys()].toSorted())
        expect(names(replay(told))).toEqual(names(replay(history)))
        if (graceful) expect(events).toEqual(history.map(({ type, object }) => textOf(type, object)))
      }),
      { numRuns: 60 },
    )
  })
})

const textOf = (type: string, { metadata }: Thing) => `${type} ${metadata.name} ${metadata.resourceVersion}`
const names = (things: ReadonlyMap<string, Thing>) => [...things.values()].map((each) => textOf('', each)).toSorted()

function parseEvent(text: string): WatchEvent<Thing> {
  const [type = '', name = '', version = ''] = text.split(' ')
  return { type: type === 'DELETED' || type === 'MODIFIED' ? type : 'ADDED', object: thing(name, Number(version)) }
}

/** The things that are there after these events. */
function replay(events: readonly WatchEvent<Thing>[]): Map<string, Thing> {
  const there = new Map<string, Thing>()
  for (const { type, object } of events) {
    if (type === 'DELETED') there.delete(object.metadata.uid)
    else there.set(object.metadata.uid, object)
  }
  return there
}

/** The events of these changes; the version of each is its place. What is not there cannot go: it comes instead. */
function effective(changes: readonly { name: string; gone: boolean }[]): WatchEvent<Thing>[] {
  const there = new Set<string>()
  return changes.map(({ name, gone }, index) => {
    const object = thing(name, index + 1)
    if (gone && there.delete(name)) return { type: 'DELETED', object }
    if (there.has(name)) return { type: 'MODIFIED', object }
    there.add(name)
    return { type: 'ADDED', object }
  })
}

describe('reconcile', () => {
  const things = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), version: fc.nat(2) }), {
    selector: ({ name }) => name,
  })

  it('reports just what turns what was known into the list', () => {
    fc.assert(
      fc.property(things, things, (before, after) => {
        const known = new Map(before.map(({ name, version }) => [`uid-${name}`, thing(name, version)]))
        const wanted = new Map(after.map(({ name, version }) => [`uid-${name}`, thing(name, version)]))
        const replayed = new Map(known)
        reconcile(known, [...wanted.values()], {
          onEvent: ({ type, object }) => {
            const { uid, resourceVersion } = object.metadata
            // Each event is news, and says what kind of news.
            if (type === 'ADDED') expect(replayed.has(uid)).toBe(false)
            else expect(replayed.has(uid)).toBe(true)
            if (type === 'MODIFIED') expect(replayed.get(uid)?.metadata.resourceVersion).not.toBe(resourceVersion)
            if (type === 'DELETED') replayed.delete(uid)
            else replayed.set(uid, object)
          },
        })
        expect(replayed).toEqual(wanted)
        expect(known).toEqual(wanted)
      }),
    )
  })

  it('knows an object that was made anew under its old name from the old one', () => {
    const old = thing('a', 1)
    const anew = { metadata: { ...old.metadata, uid: 'another', resourceVersion: '2' } }
    const events: string[] = []
    reconcile(new Map([[old.metadata.uid, old]]), [anew], {
      onEvent: ({ type, object }) => void events.push(`${type} ${object.metadata.uid}`),
    })
    expect(events).toEqual(['DELETED uid-a', 'ADDED another'])
  })
})
