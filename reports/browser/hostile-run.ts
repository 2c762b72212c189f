import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { JournalRecord, JournalSource } from '../../harness/journal.ts'
import { type Verdict, type Verdicts, verdictsSchema } from '../../harness/verdict.ts'
import { hackedMark } from './watched-page.ts'

/** A name that runs a script wherever it is taken for markup. No cluster allows it; what is not a cluster may. */
export const hostileName = `<script>window.${hackedMark}=1</script><img src=x onerror=window.${hackedMark}=1>`

/** The same for who puts names between quotes, into Markdown, or into an SVG's text. */
export const hostileNames = [
  hostileName,
  // Without a slash it is also a node's name: the parts of a subject are told apart by slashes.
  `<img src=x onerror=window.${hackedMark}=1>`,
  `"><svg onload=window.${hackedMark}=1>`,
  `' onmouseover=window.${hackedMark}=1 x='`,
  `[x](javascript:window.${hackedMark}=1)`,
  `]]></text><script>window.${hackedMark}=1</script>`,
]

const startedAt = Date.parse('2026-01-01T00:00:00Z')
const everyName = hostileNames.join(' ')
const scenario = 'recovery.hostile-names'
const id = 'hostile1'
// Only what is named as a run names its journals is read.
const journal = `journal/x-${id}.jsonl`

/** The output directory of a run in which everything that a cluster can name has a hostile name. */
export function writeHostileRun(out: string): void {
  mkdirSync(path.join(out, 'journal'), { recursive: true })
  const text = hostileRecords().map((record) => `${JSON.stringify(record)}\n`)
  writeFileSync(path.join(out, journal), text.join(''))
  writeFileSync(path.join(out, 'verdicts.json'), JSON.stringify(hostileVerdicts()))
}

function hostileVerdicts(): Verdicts {
  return verdictsSchema.parse({
    schema: 1,
    run: {
      id,
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(startedAt + 90_000).toISOString(),
      host: { platform: 'linux x64', cpus: 2, memoryBytes: 8_000_000_000 },
    },
    verdicts: [verdict],
  } satisfies Verdicts)
}

const verdict: Verdict = {
  scenario,
  cluster: hostileName,
  distribution: { name: hostileName, version: everyName, kubernetes: hostileName },
  outcome: 'violates',
  reason: everyName,
  expected: null,
  diagnosis: {
    code: 'recovery.daemonset-backoff',
    summary: everyName,
    remedies: hostileNames,
    upstream: [`https://example.invalid/${hostileName}`, `javascript:window.${hackedMark}=1`, ...hostileNames],
  },
  expectations: hostileNames.map((name, index) => ({
    name,
    budget: everyName,
    withinMs: 30_000,
    tookMs: index === 0 ? null : 1_000 * index,
    since: 10_000,
  })),
  faults: hostileNames.map((name) => ({ name, node: name, injectedAt: 8_000, healedAt: 10_000 })),
  measurements: hostileNames.map((name, index) => ({ name, value: index, unit: name })),
  journal,
  bundle: null,
}

function hostileRecords(): JournalRecord[] {
  const each = (name: string, index: number): JournalRecord[] => [
    record(1_000, 'cluster', 'image', name, { from: `from the engine ${name}`, missed: [name] }),
    record(1_500, 'cluster', 'starting', name, { nodes: [{ name, roles: [name, 'worker'] }] }),
    record(2_000, 'engine', 'start', `node/${name}`),
    record(2_100, 'api-watch', 'ADDED', `node/${name}`, { ready: true, reason: name }),
    record(2_200, 'api-watch', 'ADDED', `pod/${name}/${name}`, pod(name, 'Running')),
    record(2_300, 'api-watch', 'ADDED', `lease/${name}/${name}`, { holder: name, transitions: 0 }),
    record(2_400, 'etcd', 'member', `member/${name}`, { name, learner: false, node: name }),
    record(2_500, 'etcd', 'leader', `etcd/${name}`, { id: name, name, term: 2 }),
    record(8_000, 'fault', 'injecting', `node/${name}`, { fault: name }),
    record(8_500, 'fault', 'struck', `node/${name}`, { fault: name, evidence: { before: name } }),
    record(9_000, 'api-watch', 'MODIFIED', `pod/${name}/${name}`, pod(name, 'Failed')),
    record(9_500, 'api-watch', 'MODIFIED', `node/${name}`, { ready: false, reason: name }),
    record(9_100, 'probe', 'replacement', `pod/${name}/${name}`, replacement),
    record(10_000, 'fault', 'healed', `node/${name}`, { fault: name }),
    record(10_100, 'probe', 'observed', name, name),
    record(11_000, 'api-watch', 'MODIFIED', `lease/${name}/${name}`, { holder: `other ${name}`, transitions: 1 }),
    // Each leads for a while: who led for no time is not drawn.
    record(12_000 + 1_000 * index, 'etcd', 'leader', `etcd/${name}`, { id: name, name, term: 3 + index }),
    record(13_000, 'traffic', 'pulling', `node/${name}`, { repository: name }),
    record(19_000, 'traffic', 'pulled', `node/${name}`, pull(name)),
    record(19_500, 'traffic', 'registry-summary', `registry/${name}`, { requests: 1, bytes: 1_000 }),
    record(20_000, 'traffic', 'lost', name, name),
    record(21_000, 'api-watch', 'interrupted', name, name),
  ]
  const waits = verdict.expectations.flatMap((expectation) => [
    record(10_000, 'expectation', 'waiting', expectation.name, expectation),
    record(40_000, 'expectation', expectation.tookMs === null ? 'missed' : 'met', expectation.name, expectation),
  ])
  return [
    record(5_000, 'scenario', 'started', scenario),
    ...hostileNames.flatMap(each),
    ...waits,
    record(60_000, 'scenario', 'ended', scenario, verdict),
  ].toSorted((one, other) => one.t - other.t)
}

function pod(name: string, phase: string) {
  const ready = phase === 'Running'
  return {
    uid: name,
    node: name,
    phase,
    reason: name,
    ready,
    deleting: false,
    owner: `DaemonSet/${name}`,
    ownerUid: name,
  }
}

const replacement = { failedAt: 9_000, predictedDelayMs: 4_000, measuredDelayMs: null }

function pull(repository: string) {
  return { repository, source: 'mirror', ok: true, bytes: 1_000_000, upstreamBytes: 0, tookMs: 5_000 }
}

function record(t: number, source: JournalSource, kind: string, subject: string, data?: unknown): JournalRecord {
  const at = new Date(startedAt + t).toISOString()
  return { t, at, source, kind, subject, ...(data === undefined ? {} : { data }) }
}
