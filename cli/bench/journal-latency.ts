import { setTimeout as delay } from 'node:timers/promises'

import type { StartedCluster } from '../../harness/cluster.ts'
import { median, percentile } from './figures.ts'
import type { Figure } from './figures.ts'

/** How many events are timed. */
const events = 250

/** From one write to the next, in milliseconds: a modest pace, about that of a cluster that recovers. */
const paceMs = 40

/** An event that is not in the journal by then is lost, in milliseconds. */
const lostAfterMs = 5_000

/** A cluster that has just started hundreds of pods is slow to delete as many; the API's own limit, in milliseconds. */
const requestLimitMs = 60_000

const pods = '/api/v1/namespaces/default/pods'

/** How late the journal was with each event, in milliseconds, and how many events never came. */
export interface Latencies {
  readonly ms: readonly number[]
  readonly lost: number
}

/**
 * Creates pods that no node may run, and takes the time from the moment that the request is sent to the moment that
 * the pod's line stands in the journal. The API server's own work is part of it.
 */
export async function journalLatency(cluster: StartedCluster): Promise<Figure> {
  const { ms, lost } = await latencies(cluster)
  return {
    name: 'API write to line in the journal, p99',
    goal: 100,
    measured: lost > 0 ? Number.POSITIVE_INFINITY : percentile(ms, 0.99),
    unit: 'ms',
    detail:
      lost > 0
        ? `${lost} of ${events} events never came`
        : `${events} events, p50 ${median(ms).toFixed(1)} ms, longest ${Math.max(...ms).toFixed(1)} ms`,
  }
}

/** Creates the pods, and deletes all that are in the namespace default. */
export async function latencies({ journal, api }: Pick<StartedCluster, 'journal' | 'api'>): Promise<Latencies> {
  const writtenAt = new Map<string, number>()
  using _listener = journal.subscribe(({ source, kind, subject, t }) => {
    if (source === 'api-watch' && kind === 'ADDED') writtenAt.set(subject, t)
  })
  const sentAt = new Map<string, number>()
  const requests: Promise<unknown>[] = []
  for (let count = 1; count <= events; count += 1) {
    const name = `bench-${count}`
    sentAt.set(`pod/default/${name}`, journal.now())
    requests.push(api.create(pods, unschedulablePod(name), requestLimitMs))
    await delay(paceMs)
  }
  await Promise.all(requests)
  const deadline = journal.now() + lostAfterMs
  while (writtenIn(writtenAt, sentAt).length < events && journal.now() < deadline) await delay(paceMs)
  await api.delete(pods, requestLimitMs)
  const ms = writtenIn(writtenAt, sentAt)
  return { ms, lost: events - ms.length }
}

function writtenIn(writtenAt: ReadonlyMap<string, number>, sentAt: ReadonlyMap<string, number>): number[] {
  return [...sentAt].flatMap(([subject, sent]) => {
    const written = writtenAt.get(subject)
    return written === undefined ? [] : [written - sent]
  })
}

function unschedulablePod(name: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeSelector: { 'clusterproof.bench/node': 'none' },
      containers: [{ name: 'never-runs', image: 'never-pulled' }],
    },
  }
}
