import { messageOf } from '../error-message.ts'
import type { Journal } from '../journal.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { type Lapse, lapsesBetween } from '../lapse.ts'

/** Longest that one request may take, in milliseconds: a client that waits longer has given up. */
const requestLimitMs = 1_000

/**
 * Five requests a second, each on its own, until the marker file is gone. A load is paced by nature: this is no wait.
 * $1: URL, $2: marker file.
 */
const script = `
touch "$2"
while [ -e "$2" ]; do
  { curl --silent --output /dev/null --max-time ${requestLimitMs / 1_000} "$1" && echo answered || echo lost; } &
  sleep 0.2
done
wait
`

/** Requests to a Service from a node, all the while; what came of each, on the run's clock. */
export class ServiceTraffic implements AsyncDisposable {
  readonly #answered: number[]
  /** When each was sent. */
  readonly #lost: number[] = []
  readonly #stop: () => Promise<void>
  readonly #now: () => number
  #isStopped = false
  /** Why no more requests are sent, though nobody has stopped them. */
  #broken: string | undefined

  constructor(node: ClusterNode, url: string, journal: Journal) {
    const marker = `/run/clusterproof-traffic-${Math.round(journal.now())}`
    this.#now = () => journal.now()
    this.#answered = [journal.now()]
    const requests = node.stream(['bash', '-c', script, 'traffic', url, marker], (line) => {
      const at = journal.now()
      if (line === 'answered') this.#answered.push(at)
      else if (line === 'lost') this.#lost.push(journal.append('traffic', 'lost', url).t - requestLimitMs)
    })
    const ended = (why: string) => {
      if (!this.#isStopped) this.#broken = why
    }
    void requests.done.then(
      () => ended('their command has ended'),
      (error: unknown) => ended(messageOf(error)),
    )
    this.#stop = async () => {
      this.#isStopped = true
      await node.exec(['rm', '-f', marker], { reject: false })
      await requests.done.catch((error: unknown) => void journal.append('traffic', 'interrupted', url, String(error)))
    }
  }

  /** @throws {Error} where the requests have ended by themselves: then nobody knows what would have come of more */
  requireRunning(): void {
    if (this.#broken !== undefined) throw new Error(`no more requests were sent: ${this.#broken}`)
  }

  /** How many requests were answered so far. */
  get answered(): number {
    return this.#answered.length - 1
  }

  get lost(): number {
    return this.#lost.length
  }

  /**
   * For how long requests have been sent of which none was lost, in milliseconds, since `since` at the earliest. What
   * was sent within the limit of a request is left out: it may be lost yet.
   */
  answeredFor(since: number): number {
    return Math.max(0, this.#now() - requestLimitMs - Math.max(since, this.#lost.at(-1) ?? 0))
  }

  /** The times without any answer since `since`, that until now included. */
  gaps(since = 0): Lapse[] {
    const from = Math.max(since, this.#answered[0] ?? since)
    return lapsesBetween([from, ...this.#answered.filter((at) => at >= from), this.#now()])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }
}
