import { formatDuration } from '../../harness/duration.ts'
import type { EtcdFacts, MemberLane } from '../facts/etcd.ts'
import type { FaultWindow } from '../facts/fault-windows.ts'
import type { Span } from '../facts/writes.ts'
import { machineName, rowLabels } from './machine-name.ts'
import { theme } from './theme.ts'

/** What bars of the picture mean, in the order of its legend. */
export const kindsOfBars = {
  fault: { name: 'fault', colour: theme.fault },
  leads: { name: 'leads', colour: theme.series5 },
  voter: { name: 'voter', colour: theme.unknown },
  learner: { name: 'learner', colour: theme.waiting },
  none: { name: 'no leader, or no write acknowledged', colour: theme.missed },
  written: { name: 'writes acknowledged', colour: theme.met },
} as const

export interface EtcdBar {
  readonly kind: keyof typeof kindsOfBars
  /** The kind's name in the legend. */
  readonly name: string
  /** Seconds since the scenario began. */
  readonly from: number
  readonly to: number
  /** What may stand on it, the longest first. */
  readonly texts: readonly string[]
  readonly description: string
}

export interface EtcdRow {
  readonly label: string
  readonly bars: readonly EtcdBar[]
  /** Things of no length, in seconds since the scenario began. */
  readonly moments: readonly number[]
}

const [mostFaultRows, mostMemberRows, labelWidth] = [8, 16, 220]

/** The rows of the picture: faults, members, the leaderless time, writes and reads. */
export function etcdRows(facts: EtcdFacts): EtcdRow[] {
  const rows = [...faultRows(facts), ...memberRows(facts), ...leaderlessRows(facts), ...trafficRows(facts)]
  const labels = rowLabels(
    rows.map(({ label }) => label),
    labelWidth,
  )
  return rows.map(({ bars, moments }, index) => ({ label: labels[index] ?? '', bars, moments }))
}

type Bar = Pick<EtcdBar, 'kind'> & Partial<Pick<EtcdBar, 'texts' | 'description'>>

function bar(
  { startedAt, endedAt }: EtcdFacts,
  { from, to }: Span,
  { kind, texts = [], description = '' }: Bar,
): EtcdBar {
  const seconds = (t: number) => (Math.min(Math.max(t, startedAt), endedAt) - startedAt) / 1_000
  const { name } = kindsOfBars[kind]
  const length = formatDuration(Math.max(0, to - from))
  const text = `${description === '' ? name : description}, ${length}`
  return { kind, name, from: seconds(from), to: seconds(to), texts, description: text }
}

function faultRows(facts: EtcdFacts): EtcdRow[] {
  const rows = new Map<string, FaultWindow[]>()
  for (const fault of facts.faults) {
    const label = `${fault.name} ${fault.on.map((node) => machineName(node, facts.cluster)).join(', ')}`
    if (rows.has(label) || rows.size < mostFaultRows) rows.set(label, [...(rows.get(label) ?? []), fault])
  }
  return [...rows].map(([label, faults]) => ({
    label,
    bars: faults.map((fault) => bar(facts, faultSpan(fault, facts.endedAt), { kind: 'fault', description: label })),
    moments: [],
  }))
}

/** One that nobody healed has passed once it has struck, as far as anybody knows. */
function faultSpan({ from, struckAt, to }: FaultWindow, endedAt: number): Span {
  return { from, to: to ?? struckAt ?? endedAt }
}

function memberRows(facts: EtcdFacts): EtcdRow[] {
  return facts.members.slice(-mostMemberRows).map((member) => ({
    label: `${memberName(member, facts.cluster)} · ${member.id}`,
    bars: [
      ...member.spans.map((span) => bar(facts, span, { kind: span.role })),
      ...facts.leaders.flatMap((leader) => {
        const span = leader.id === member.id ? whileMember(leader, member) : null
        if (span === null) return []
        const texts = [`leads, term ${leader.term}`, `term ${leader.term}`, String(leader.term)]
        return [bar(facts, span, { kind: 'leads', texts, description: `leads in term ${leader.term}` })]
      }),
    ],
    moments: [],
  }))
}

/** One that is removed is said to lead until another one does. */
function whileMember({ from, to }: Span, { spans }: MemberLane): Span | null {
  const [first, last] = [spans[0], spans.at(-1)]
  const span = { from: Math.max(from, first?.from ?? from), to: Math.min(to, last?.to ?? to) }
  return span.to > span.from ? span : null
}

/** Its names, where it had several, else its machine's. */
function memberName({ names, machine }: MemberLane, cluster: string | null): string {
  const known = names.length > 0 ? names : [machine ?? 'nameless']
  return known.map((name) => machineName(name, cluster)).join(' → ')
}

function leaderlessRows(facts: EtcdFacts): EtcdRow[] {
  const spans = facts.leaders.filter(({ id }) => id === null)
  if (spans.length === 0) return []
  const bars = spans.map((span) => {
    const length = formatDuration(span.to - span.from)
    return bar(facts, span, { kind: 'none', texts: [`no leader for ${length}`, length], description: 'no leader' })
  })
  return [{ label: 'no leader', bars, moments: [] }]
}

function trafficRows(facts: EtcdFacts): EtcdRow[] {
  const { acknowledged, gaps, failedWrites, failedReads, failed } = facts.writes
  const moments = (times: readonly number[]) =>
    times.filter((t) => t >= facts.startedAt && t <= facts.endedAt).map((t) => (t - facts.startedAt) / 1_000)
  const rows: EtcdRow[] = []
  if (facts.unanswered.length > 0) {
    rows.push({ label: 'no member answered', bars: [], moments: moments(facts.unanswered) })
  }
  if (acknowledged.length + gaps.length > 0) {
    rows.push({
      label: 'writes',
      bars: [
        ...acknowledged.map((span) =>
          bar(facts, span, { kind: 'written', texts: [`${span.writes} writes`], description: `${span.writes} writes` }),
        ),
        ...gaps.map((gap) => {
          const length = formatDuration(gap.to - gap.from)
          return bar(facts, gap, { kind: 'none', texts: [`none for ${length}`, length], description: 'no write' })
        }),
      ],
      moments: [],
    })
  }
  if (failedWrites.length > 0)
    rows.push({ label: `${counted(failed.writes, 'write')} given up`, bars: [], moments: moments(failedWrites) })
  if (failedReads.length > 0)
    rows.push({ label: `${counted(failed.reads, 'read')} given up`, bars: [], moments: moments(failedReads) })
  return rows
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
