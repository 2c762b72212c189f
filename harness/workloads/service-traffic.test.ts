import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, FakeNode } from '../fake-cluster.ts'
import { longestOf } from '../lapse.ts'
import type { StreamHandle } from '../process.ts'
import { ServiceTraffic } from './service-traffic.ts'

/** A node whose long-running command says what the test lets it say. */
class TalkingNode extends FakeNode {
  command: readonly string[] = []
  say: (line: string) => void = () => undefined
  end: Promise<void> = Promise.resolve()

  override stream(command?: readonly string[], onLine?: (line: string) => void): StreamHandle {
    this.command = command ?? []
    this.say = onLine ?? this.say
    return { done: this.end, kill: () => undefined }
  }
}

let now: number
let cluster: FakeCluster
let node: TalkingNode

beforeEach(() => {
  now = 1_000
  cluster = fakeCluster(() => now)
  node = new TalkingNode('cp', ['control-plane'])
})
afterEach(() => cluster[Symbol.asyncDispose]())

const traffic = () => new ServiceTraffic(node, 'http://10.96.0.7:8080/health', cluster.journal)

/** What the requests came to, each at its time. */
function hear(...lines: (readonly [at: number, line: string])[]): void {
  for (const [at, line] of lines) {
    now = at
    node.say(line)
  }
}

describe('ServiceTraffic', () => {
  it('counts what was answered and what was lost, and nothing else', () => {
    const requests = traffic()
    hear([1_200, 'answered'], [1_400, 'answered'], [2_600, 'lost'], [2_700, 'something else'])
    expect(requests).toMatchObject({ answered: 2, lost: 1 })
  })

  it('tells for how long none was lost, of those that have come to something', () => {
    const requests = traffic()
    hear([2_600, 'lost'], [2_800, 'lost'])
    // Sent at 1,800.
    now = 6_000
    expect(requests.answeredFor(0)).toBe(3_200)
    expect(requests.answeredFor(3_000)).toBe(2_000)
    expect(cluster.journal.records().filter(({ source }) => source === 'traffic')).toHaveLength(2)
  })

  it('says nothing of requests that may be lost yet', () => {
    const requests = traffic()
    now = 1_900
    expect(requests.answeredFor(1_000)).toBe(0)
  })

  it('measures the longest time without an answer, also from the start and until now', () => {
    const requests = traffic()
    now = 1_700
    expect(longestOf(requests.gaps())).toEqual({ since: 1_000, ms: 700 })
    hear([1_800, 'answered'], [2_000, 'answered'], [5_000, 'lost'], [5_500, 'answered'])
    expect(longestOf(requests.gaps())).toEqual({ since: 2_000, ms: 3_500 })
    now = 9_500
    expect(longestOf(requests.gaps())).toEqual({ since: 5_500, ms: 4_000 })
  })

  it('measures since a moment, that moment counted as an answer', () => {
    const requests = traffic()
    hear([2_000, 'answered'], [8_000, 'answered'], [8_100, 'answered'])
    expect(longestOf(requests.gaps(7_000)).ms).toBe(1_000)
    now = 9_000
    expect(longestOf(requests.gaps(8_500)).ms).toBe(500)
  })

  it('says that nobody sends requests any more, unless it has ended them itself', async () => {
    node.end = new Promise(() => undefined)
    const running = traffic()
    await Promise.resolve()
    expect(() => running.requireRunning()).not.toThrow()
    node.end = Promise.reject(new Error('the stream broke'))
    const broken = traffic()
    await vi.waitFor(() =>
      expect(() => broken.requireRunning()).toThrow(/^no more requests were sent: the stream broke$/),
    )
    const { promise, resolve } = Promise.withResolvers<undefined>()
    node.end = promise
    const ended = traffic()
    const disposed = ended[Symbol.asyncDispose]()
    resolve(undefined)
    await disposed
    expect(() => ended.requireRunning()).not.toThrow()
  })

  it('ends by taking its marker away, also where the node was switched off under it', async () => {
    const lost = new Error('the container has stopped')
    node.end = Promise.reject(lost)
    await traffic()[Symbol.asyncDispose]()
    const [marker] = node.command.slice(-1)
    expect(node.done).toEqual([`rm -f ${marker}`])
    expect(cluster.journal.records()).toMatchObject([{ source: 'traffic', kind: 'interrupted', data: String(lost) }])
  })
})
