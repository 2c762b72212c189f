import { writeFileSync } from 'node:fs'
import path from 'node:path'

import fc from 'fast-check'

import { type JournalRecord, journalSources, parseJournal } from '../../harness/journal.ts'
import { verdictSchema } from '../../harness/verdict.ts'
import { journalRecords } from '../../reports/journal-stream.ts'
import { foldFacts } from '../../reports/scenario-facts.ts'
import { scenarioSlices } from '../../reports/scenario-slices.ts'
import { campaign } from './campaign.ts'
import { type Damage, damaged, damages } from './damage.ts'
import { scratch } from './scratch.ts'
import { verdict } from './verdicts.ts'

/** Words of the harness, so that a record at random is often one that a report looks at. */
const kinds = [
  ['starting', 'creating', 'ready', 'removed', 'restarting', 'attached', 'booted', 'joining', 'joined', 'left', ''],
  ['injecting', 'injected', 'struck', 'healing', 'healed', 'storm', 'observed', 'waiting', 'met', 'missed', 'memory'],
  ['replacement', 'ADDED', 'MODIFIED', 'DELETED', 'member', 'leader', 'index', 'interrupted', 'start', 'die', 'slow'],
  ['acknowledged', 'write-failed', 'read-failed', 'lost', 'pulling', 'pulled', 'registry-summary', 'constructor'],
].flat()
const subjects = [
  ['a.one', 'a.two', 'kind-bw3m-cds1', 'node/kind-bw3m-cds1-worker', 'node/worker', 'pod/kube-system/kube-proxy-x'],
  ['lease/kube-system/kube-scheduler', 'member/8e9e05c52164694d', 'cluster', 'reboot', '*', '__proto__', '', 'x/'],
].flat()
const fields = [
  ['node', 'phase', 'reason', 'deleting', 'owner', 'fault', 'name', 'machine', 'learner', 'id', 'term', 'raftIndex'],
  ['leader', 'failedAt', 'predictedDelayMs', 'measuredDelayMs', 'predictedAt', 'nodeReadyAt', 'holder', 'ready'],
  ['withinMs', 'budget', 'since', 'tookMs', 'bytes', 'from', 'to', 'ok', 'attempts', 'repository', 'requests'],
  ['source', 'uid', 'upstreamBytes', 'writes', 'nodes', 'roles', 'transitions', 'previous', '__proto__'],
].flat()
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1, 1e308, [], {}, [null], ['a']),
  fc.constantFrom(
    '',
    'Failed',
    'DaemonSet/kube-proxy',
    'worker',
    'reboot',
    '2026-01-01T00:00:00.000Z',
    'x'.repeat(2_000),
  ),
  fc.nat(100_000),
  fc.jsonValue({ maxDepth: 2 }),
)
const data = fc.option(fc.oneof(fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 8 }), value), {
  nil: undefined,
})

interface Step {
  readonly after: number
  readonly record: Omit<JournalRecord, 't' | 'at'>
}

const anything = fc.record({
  source: fc.constantFrom(...journalSources),
  kind: fc.constantFrom(...kinds),
  subject: fc.constantFrom(...subjects),
  data,
})
const scenario = fc.constantFrom('a.one', 'a.two', '')
const source = 'scenario' as const
const started = scenario.map((subject) => ({ source, kind: 'started', subject }))
const ended = fc
  .tuple(scenario, fc.oneof(verdict, value))
  .map(([subject, said]) => ({ source, kind: 'ended', subject, data: said }))

const step: fc.Arbitrary<Step> = fc.record({
  after: fc.oneof(fc.nat(5_000), fc.constantFrom(0, 0.5, 1e9, -1_000)),
  record: fc.oneof(
    { arbitrary: anything, weight: 8 },
    { arbitrary: started, weight: 2 },
    { arbitrary: ended, weight: 1 },
  ),
})

/** The lines of one writer; its clock goes on, but for some that jump. */
const lines = fc.array(step, { maxLength: 12 }).map((steps) => {
  let t = 0
  return steps.map(({ after, record }) => {
    t += after
    return JSON.stringify({ t, at: new Date(Date.UTC(2026, 0, 1) + t).toISOString(), ...record })
  })
})

/** Two writers of one journal, line by line as it comes. */
const interleaved = fc.tuple(lines, lines, fc.infiniteStream(fc.boolean())).map(([one, other, turns]) => {
  const [left, right] = [[...one], [...other]]
  const all: string[] = []
  while (left.length > 0 || right.length > 0) {
    const turn = left.length === 0 ? right : right.length === 0 ? left : turns.next().value === true ? left : right
    all.push(...turn.splice(0, 1))
  }
  return all
})

/** What a disk, a second writer, or a program that wrote at the same place leaves in a file. */
const pieces = [
  ['\n', '\r\n', '\u0000', '\n\n\n', '{', '}', '"', '\\', 'null', '[]', '{}\n', '\ufeff', '\u2028', 'x'.repeat(5_000)],
  ['"t":-1', '"t":1e999', '"t":"1"', '"source":"scenario"', '"kind":"ended"', '"kind":"started"', '"data":null'],
  [
    '[['.repeat(2_000),
    '{"a":'.repeat(2_000),
    '{"t":1,"at":"","source":"scenario","kind":"started","subject":"a.one"}\n',
  ],
].flat()

/** The bytes of a journal, as they were written or worse. */
export const journalBytes: fc.Arbitrary<Buffer> = fc.oneof(
  {
    arbitrary: fc
      .tuple(interleaved, fc.option(damages))
      .map(([all, damage]) => broken(all.map((line) => `${line}\n`).join(''), damage ?? [])),
    weight: 20,
  },
  { arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)), weight: 1 },
  {
    arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((all) => Buffer.from(all.join(''))),
    weight: 1,
  },
)

function broken(text: string, all: readonly Damage[]): Buffer {
  return damaged(Buffer.from(text), all, pieces)
}

interface Input {
  readonly bytes: Buffer
  readonly chunk: number
}

/** `npm run fuzz`: anything that a run may leave as a journal. */
export const journals = campaign<Input>({
  name: 'journals',
  subject: 'journals, cut into scenarios and folded into what pictures show',
  share: 0.15,
  // Chunks of a few bytes are what breaks lines anywhere, and are slow.
  inputs: fc.record({
    bytes: journalBytes,
    chunk: fc.oneof(
      { arbitrary: fc.integer({ min: 1, max: 70_000 }), weight: 19 },
      { arbitrary: fc.integer({ min: 1, max: 99 }), weight: 1 },
    ),
  }),
  check: checkJournal,
})

/** Every whole record is read in its order, the rest counted, and each scenario that began is told of. */
export async function checkJournal({ bytes, chunk }: Input): Promise<void> {
  const file = path.join(scratch(), 'journal.jsonl')
  writeFileSync(file, bytes)
  const damage = { lines: 0 }
  const read: JournalRecord[] = []
  async function* heard(): AsyncGenerator<JournalRecord> {
    for await (const record of journalRecords(file, damage, { bytes: chunk })) {
      read.push(record)
      yield record
    }
  }
  let began = 0
  for await (const slice of scenarioSlices(heard(), foldFacts)) {
    began += 1
    if (!Number.isFinite(slice.startedAt) || !Number.isFinite(slice.endedAt)) throw new Error('a scenario has no time')
    if (slice.verdict !== null) verdictSchema.parse(slice.verdict)
    JSON.stringify(slice.facts)
  }
  const whole = parseJournal(bytes.toString('utf8'))
  if (JSON.stringify(read) !== JSON.stringify(whole.records)) throw new Error('records are lost, or in another order')
  if (damage.lines !== whole.damaged) throw new Error(`${whole.damaged} lines are damaged, and ${damage.lines} counted`)
  const starts = whole.records.filter(({ source: from, kind }) => from === 'scenario' && kind === 'started').length
  if (began < starts) throw new Error(`${starts} scenarios began, and ${began} are told of`)
}
