import { setTimeout as delay } from 'node:timers/promises'

import type { Journal } from '../journal.ts'
import type { ClusterNode } from './node.ts'

/** Pause before a node that did not answer is asked again, in milliseconds. */
const retryMs = 2_000

/**
 * Asks a node for its boot whenever the API has news of it, until the signal aborts: a machine that was restarted by
 * nobody here shows so, and while all is quiet nothing is asked. What it says, the node makes known itself. Of a node
 * that does not answer, the last known boot stands: its command may be what is broken.
 */
export function watchBoots(
  nodes: readonly Pick<ClusterNode, 'name' | 'bootEvidence'>[],
  journal: Journal,
  signal: AbortSignal,
): void {
  const asked = new Map(nodes.map((node) => [`node/${node.name}`, new Asked(node, journal, signal)]))
  const news = journal.subscribe(({ source, subject }) => {
    if (source === 'api-watch') asked.get(subject)?.ask()
  })
  signal.addEventListener('abort', () => news[Symbol.dispose](), { once: true })
}

/** One node, asked by one question at a time. */
class Asked {
  readonly #node: Pick<ClusterNode, 'name' | 'bootEvidence'>
  readonly #journal: Journal
  readonly #signal: AbortSignal
  #busy = false
  #again = false

  constructor(node: Pick<ClusterNode, 'name' | 'bootEvidence'>, journal: Journal, signal: AbortSignal) {
    this.#node = node
    this.#journal = journal
    this.#signal = signal
  }

  ask(): void {
    this.#again = true
    if (!this.#busy) void this.#answer()
  }

  async #answer(): Promise<void> {
    this.#busy = true
    let silent = false
    while (this.#again && !this.#signal.aborted) {
      this.#again = false
      try {
        await this.#node.bootEvidence()
        silent = false
      } catch (error) {
        if (!silent) this.#journal.append('engine', 'silent', `node/${this.#node.name}`, String(error))
        silent = true
        this.#again = true
        await delay(retryMs, undefined, { signal: this.#signal }).catch(() => undefined)
      }
    }
    this.#busy = false
  }
}
