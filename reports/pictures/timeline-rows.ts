import { formatDuration } from '../../harness/duration.ts'
import type { ExpectationBar } from '../facts/timeline-expectations.ts'
import type { Health, StateBar } from '../facts/timeline-lane.ts'
import type { PodLaneFacts } from '../facts/timeline-pods.ts'
import type { TroubleLane } from '../facts/timeline-troubles.ts'
import type { TimelineFacts } from '../facts/timeline.ts'
import type { Window } from '../facts/timeline-windows.ts'
import { withoutDeadline } from '../tightest.ts'
import type { ToneName } from './theme.ts'

/** Something drawn in a row, from one moment to another, in milliseconds since the scenario began. */
export interface RowBar {
  readonly from: number
  readonly to: number
  readonly tone: ToneName
  /** `solid`, `faint`: it begins, and has not struck yet; `outline`: a budget; `point`: a moment. */
  readonly shape: 'solid' | 'faint' | 'outline' | 'point'
  /** It ends here because the scenario does. */
  readonly goesOn?: boolean
  /** It begins here because the scenario does. */
  readonly begunBefore?: boolean
  /** What stands in it where there is room. */
  readonly label: string
  readonly title: string
}

/** One line of the picture: a heading, or a thing with its bars. */
export interface Row {
  readonly kind: 'heading' | 'lane'
  readonly label: string
  readonly title: string
  readonly indent: boolean
  readonly bars: readonly RowBar[]
  /** What stands at the line's end. */
  readonly result: string
  readonly resultTone: ToneName
}

export interface Rows {
  readonly rows: readonly Row[]
  /** What there was no room for, in words. */
  readonly leftOut: readonly string[]
}

const most = { windows: 12, nodes: 12, lanes: 24, holders: 4, expectations: 20 } as const

const healthTone: Readonly<Record<Health, ToneName>> = {
  healthy: 'healthy',
  waiting: 'waiting',
  unhealthy: 'unhealthy',
  off: 'off',
  unknown: 'unknown',
  holder: 'series5',
  done: 'unknown',
}

/** What a timeline shows, from top to bottom: what was done, what became of things, who held what, what was expected. */
export function timelineRows(facts: TimelineFacts): Rows {
  const leftOut: string[] = [...facts.leftOut]
  const short = (text: string) => (facts.prefix === '' ? text : text.replaceAll(facts.prefix, ''))
  const capped = <T>(all: readonly T[], limit: number, what: string): readonly T[] => {
    if (all.length > limit) leftOut.push(`${all.length - limit} ${what}`)
    return all.slice(0, limit)
  }
  // The cluster as a whole is what everything here is about.
  const cluster = facts.prefix.replace(/-$/, '')
  const target = (text: string) => (text.replace(/^etcd\//, '') === cluster ? '' : short(text))
  const windows = capped(windowRows(facts.windows, target), most.windows, 'faults and actions')
  const nodes = capped(facts.nodes.toSorted(eventfulFirst), most.nodes, 'nodes').toSorted(byName)
  const pods = capped(facts.pods, most.lanes - nodes.length, 'pods')
  const holders = capped(facts.holders, most.holders, 'elections')
  const expectations = capped(facts.expectations.toSorted(tightestFirst), most.expectations, 'expectations')
  const shown = new Set(nodes.map(({ name }) => name))
  const elsewhere = pods.filter(({ node }) => node === null || !shown.has(node))
  return {
    leftOut,
    rows: [
      ...section('What was done', windows),
      ...section(
        'What became of it',
        nodes.flatMap(({ name, bars }) =>
          [lane(short(name), name, bars, short)].concat(
            pods.filter(({ node }) => node === name).map((pod) => podLane(pod, short)),
          ),
        ),
      ),
      ...section(
        'Pods elsewhere',
        elsewhere.map((pod) => podLane(pod, short)),
      ),
      ...section(
        'Who was elected',
        holders.map(({ name, bars }) => lane(short(name.replace(/^lease [^/]+\//, 'lease ')), name, bars, short)),
      ),
      ...section(
        'What its users saw',
        facts.troubles.map((trouble) => troubleRow(trouble)),
      ),
      ...section(
        'What was expected (outlined: the budget; filled: the time it took)',
        expectations.toSorted((a, b) => a.from - b.from || a.to - b.to).map((bar) => expectationRow(bar, short)),
      ),
    ],
  }
}

function section(heading: string, rows: readonly Row[]): Row[] {
  return rows.length === 0 ? [] : [row(heading, heading, { kind: 'heading' }), ...rows]
}

function row(label: string, title: string, more: Partial<Row>): Row {
  return { kind: 'lane', label, title, indent: false, bars: [], result: '', resultTone: 'muted', ...more }
}

/** A row for each fault and what it struck, with all the times that it did; faults before actions. */
function windowRows(windows: readonly Window[], short: (text: string) => string): Row[] {
  const groups = Map.groupBy(windows, ({ kind, name, target }) => `${kind} ${name} ${target}`)
  const rows = [...groups.values()].map((group) => {
    const [{ kind, name, target }] = group as [Window]
    const on = short(target)
    const text = on === '' ? name : `${name} · ${on}`
    const bars = group.flatMap((window) => windowBars(window))
    const result = group.length > 1 ? `${group.length} times` : ''
    return { isFault: kind === 'fault', row: row(text, `${kind} ${name} ${target}`, { bars, result }) }
  })
  return rows.toSorted((a, b) => Number(b.isFault) - Number(a.isFault)).map((group) => group.row)
}

function windowBars({ kind, name, from, struck, to, healed }: Window): RowBar[] {
  const tone = kind === 'fault' ? 'fault' : 'series1'
  if (kind === 'action' || struck === null) {
    const shape = to > from ? 'solid' : 'point'
    return [{ from, to, tone, shape, label: '', title: `${name} at ${seconds(from)}` }]
  }
  const over = healed === null ? 'it passed by itself' : `over at ${seconds(to)}`
  const title = `${name}: asked for at ${seconds(from)}, struck at ${seconds(struck)}, ${over}`
  const asked: RowBar = { from, to: struck, tone, shape: 'faint', label: '', title }
  const struckBar: RowBar = { from: struck, to, tone, shape: to > struck ? 'solid' : 'point', label: '', title }
  return struck > from ? [asked, struckBar] : [struckBar]
}

function lane(label: string, title: string, bars: readonly StateBar[], short: (text: string) => string): Row {
  return row(label, title, {
    bars: bars.map(({ from, to, health, label: text, detail }) => {
      const what = `${text}${detail === '' || detail === text ? '' : ` (${detail})`}`
      const when = `from ${seconds(from)} to ${seconds(to)}`
      return { from, to, tone: healthTone[health], shape: 'solid', label: short(text), title: `${what}, ${when}` }
    }),
    result: badTime(bars),
  })
}

function podLane(pod: PodLaneFacts, short: (text: string) => string): Row {
  const name = pod.name.slice(pod.name.indexOf('/') + 1)
  const bad = badTime(pod.bars)
  return {
    ...lane(short(name), `${pod.name}${pod.node === null ? '' : ` on ${pod.node}`}`, pod.bars, short),
    indent: true,
    result: pod.pods > 1 ? [`${pod.pods} pods`, bad].filter((text) => text !== '').join(', ') : bad,
  }
}

function troubleRow({ name, bursts }: TroubleLane): Row {
  return row(name, name, {
    bars: bursts.map(({ from, to, count }) => {
      const title = `${name}: ${count}, from ${seconds(from)} to ${seconds(to)}`
      return { from, to, tone: 'unhealthy', shape: 'solid', label: String(count), title }
    }),
    result: String(bursts.reduce((sum, { count }) => sum + count, 0)),
  })
}

/** How long it was not as it should be: `off 47.1 s`, `not Ready 9.3 s`. */
function badTime(bars: readonly StateBar[]): string {
  const sum = (...healths: Health[]) =>
    bars.reduce((total, { health, from, to }) => total + (healths.includes(health) ? to - from : 0), 0)
  const off = sum('off')
  const bad = sum('waiting', 'unhealthy', 'unknown')
  // What lasted less than a tenth of a second would read as 0 s.
  return [off < 50 ? '' : `off ${formatDuration(off)}`, bad < 50 ? '' : `down ${formatDuration(bad)}`]
    .filter((text) => text !== '')
    .join(', ')
}

function expectationRow(bar: ExpectationBar, short: (text: string) => string): Row {
  const { name, budget, outcome, from, to, budgetTo, goesOn, begunBefore, withinMs, tookMs } = bar
  const tone = outcome === 'open' ? 'waiting' : outcome
  const title = `${name}: ${outcome}, ${expectationResult(bar)}; budget: ${budget}`
  const isMoment = to <= from && (withinMs === 0 || tookMs === null)
  const result: RowBar = { from, to, tone, shape: isMoment ? 'point' : 'solid', label: '', title }
  const allowed: RowBar = {
    from,
    to: budgetTo,
    tone: 'budget',
    shape: 'outline',
    goesOn,
    begunBefore,
    label: '',
    title,
  }
  return row(short(name), title, {
    bars: budgetTo > from ? [allowed, result] : [result],
    result: expectationResult(bar),
    resultTone: tone,
  })
}

/** `2.8 s / 7.4 s`; of what has no deadline, whether it holds. */
export function expectationResult({ outcome, budget: by, withinMs, tookMs }: ExpectationBar): string {
  if (withinMs === 0) return outcome === 'open' ? 'open' : withoutDeadline({ budget: by, tookMs })
  const budget = formatDuration(withinMs)
  if (outcome === 'open') return `not yet / ${budget}`
  return `${tookMs === null ? 'missed' : formatDuration(tookMs)} / ${budget}`
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true })
}

function eventfulFirst(a: { readonly bars: readonly StateBar[] }, b: { readonly bars: readonly StateBar[] }): number {
  return b.bars.length - a.bars.length
}

/** What was missed, then what used up most of its budget. */
function tightestFirst(a: ExpectationBar, b: ExpectationBar): number {
  return share(b) - share(a)
}

function share({ outcome, tookMs, withinMs }: ExpectationBar): number {
  if (outcome !== 'met') return 2
  return withinMs === 0 ? 0 : (tookMs ?? 0) / withinMs
}
