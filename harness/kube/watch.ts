import { setTimeout as delay } from 'node:timers/promises'

import { type KubeApi, KubeApiError, type KubeList } from './api.ts'

export interface Watched {
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly resourceVersion: string
    readonly deletionTimestamp?: string
  }
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: T
}

interface WatchHandlers<T> {
  onEvent(event: WatchEvent<T>): void
  /** The stream was lost or could not be opened; the loop goes on by itself. */
  onInterruption(error: unknown): void
}

/** Pause after a failed list or watch; short, because a gap in the journal is worse than a refused connection. */
const retryMs = 200

/** The API server ends a watch after 5 to 10 minutes by itself; asked for here so that a silent one is noticed. */
const watchTimeoutSeconds = 290

/**
 * Lists a resource, watches it, and resumes at once where the stream ends, until the signal aborts. client-node's
 * informers wait up to 30 s before they resume, which is longer than most of what is measured here.
 * After a gap the new list is compared with what was known, so that no change is lost, only its exact time.
 */
export async function watchResource<T extends Watched>(
  api: KubeApi,
  path: string,
  handlers: WatchHandlers<T>,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, T>()
  let resourceVersion: string | null = null
  while (!signal.aborted) {
    try {
      if (resourceVersion === null) {
        const list: KubeList<T> = await api.get(path, { signal })
        reconcile(known, list.items, handlers)
        resourceVersion = list.metadata.resourceVersion
      }
      resourceVersion = await follow(api, path, resourceVersion, known, handlers, signal)
    } catch (error) {
      if (signal.aborted) return
      // 410 Gone: the version is compacted away. Anything else may be too; a list costs little.
      resourceVersion = null
      handlers.onInterruption(error)
      await delay(retryMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** Reads one watch stream to its end; returns the version to resume from. */
async function follow<T extends Watched>(
  api: KubeApi,
  path: string,
  from: string,
  known: Map<string, T>,
  handlers: WatchHandlers<T>,
  signal: AbortSignal,
): Promise<string> {
  const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchTimeoutSeconds}&resourceVersion=${from}`
  const response = await api.open('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`, {
    signal,
    timeoutMs: (watchTimeoutSeconds + 10) * 1_000,
  })
  let resourceVersion = from
  let rest = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = JSON.parse(line) as
        | WatchEvent<T>
        | { type: 'BOOKMARK'; object: T }
        | { type: 'ERROR'; object: { code?: number; message?: string } }
      if (event.type === 'ERROR') {
        throw new KubeApiError(`watch ${path}: ${event.object.message ?? 'error'}`, event.object.code ?? 0)
      }
      resourceVersion = event.object.metadata.resourceVersion
      if (event.type === 'BOOKMARK') continue
      if (event.type === 'DELETED') known.delete(event.object.metadata.uid)
      else known.set(event.object.metadata.uid, event.object)
      handlers.onEvent(event)
    }
  }
  return resourceVersion
}

/** Reports what changed between what was known and a fresh list. */
export function reconcile<T extends Watched>(
  known: Map<string, T>,
  items: readonly T[],
  handlers: Pick<WatchHandlers<T>, 'onEvent'>,
): void {
  const present = new Set(items.map((item) => item.metadata.uid))
  for (const [uid, object] of known) {
    if (present.has(uid)) continue
    known.delete(uid)
    handlers.onEvent({ type: 'DELETED', object })
  }
  for (const object of items) {
    const before = known.get(object.metadata.uid)
    known.set(object.metadata.uid, object)
    if (before === undefined) handlers.onEvent({ type: 'ADDED', object })
    else if (before.metadata.resourceVersion !== object.metadata.resourceVersion) {
      handlers.onEvent({ type: 'MODIFIED', object })
    }
  }
}
