import { formatDuration } from '../../harness/duration.ts'
import { asExpected, outcomes, type Verdict, type Verdicts } from '../../harness/verdict.ts'
import { block, list, plain, table } from '../allure/markdown.ts'
import { closeCalls, closeCallText, closeShare, tightest, tookText } from '../tightest.ts'
import { outcomeText } from '../verdict-line.ts'

/** GitHub takes 1 MiB from a step and shows nothing at all of more. */
export const githubLimitBytes = 1_024 * 1_024

/** Room for what else a step has to say. */
export const defaultLimitBytes = 900 * 1_024

/** What a single reason may take: the rest of it is in verdicts.json. */
const longestReason = 16_000

/**
 * The run as Markdown, for people who read a job's page: counts, a table, and the details of what is not as declared. It is
 * never longer than the limit: what has no room is counted, and named where to find it.
 */
export function markdownSummary({ run, verdicts }: Verdicts, limitBytes = defaultLimitBytes): string {
  const room = new Room(limitBytes - reserveBytes)
  const parts = [`## clusterproof: ${headline(verdicts)}`, aboutRun(run)]
  for (const part of parts) room.take(part)
  // What is to be looked at stands first.
  const ordered = verdicts.toSorted((one, other) => Number(asExpected(one)) - Number(asExpected(other)))
  const rows = ordered.map(cells).filter((row) => room.take(`| ${row.join(' | ')} |`))
  if (rows.length > 0) parts.push(table(head, rows))
  const surprises = verdicts.filter((verdict) => !asExpected(verdict))
  const told = surprises.map(details).filter((text) => room.take(text))
  parts.push(...told)
  const close = closeCalls(verdicts).map((call) => plain(closeCallText(call)))
  const calls = close.length === 0 ? '' : `More than ${closeShare * 100} % of its budget used:\n\n${list(close)}`
  if (calls !== '' && room.take(calls)) parts.push(calls)
  const left = [
    ...(rows.length < verdicts.length ? [`${verdicts.length - rows.length} rows`] : []),
    ...(told.length < surprises.length ? [`details of ${surprises.length - told.length} verdicts`] : []),
  ]
  if (left.length > 0) parts.push(`There was no room for ${left.join(' and ')}: see \`verdicts.json\`.`)
  return `${parts.join('\n\n')}\n`
}

/** For the heads of the table and the note at its end. */
const reserveBytes = 1_024

class Room {
  #bytes: number

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Whether there is room for the text. Once there was not, there is none for anything. */
  take(text: string): boolean {
    this.#bytes -= Buffer.byteLength(text) + 2
    if (this.#bytes < 0) this.#bytes = 0
    return this.#bytes > 0
  }
}

/** `27 conform · 4 violate, 3 as declared · 1 skipped` */
function headline(verdicts: readonly Verdict[]): string {
  const counted = outcomes.flatMap((outcome) => {
    const found = verdicts.filter((verdict) => verdict.outcome === outcome)
    if (found.length === 0) return []
    const declared = found.filter((verdict) => verdict.expected !== null && asExpected(verdict)).length
    const note = outcome === 'skipped' || outcome === 'conforms' || declared === 0 ? '' : `, ${declared} as declared`
    return [`${found.length} ${words[outcome]}${note}`]
  })
  return counted.length === 0 ? 'no verdict' : counted.join(' · ')
}

const words = { conforms: 'conform', violates: 'violate', inconclusive: 'inconclusive', skipped: 'skipped' } as const

function aboutRun({ id, startedAt, finishedAt, host }: Verdicts['run']): string {
  const took = finishedAt === null ? Number.NaN : Date.parse(finishedAt) - Date.parse(startedAt)
  const length = Number.isFinite(took) && took >= 0 ? `, ${formatDuration(took)}` : ', not ended in order'
  return plain(`Run ${id}, ${startedAt}${length}, on ${host.platform}, ${host.cpus} processors`)
}

const head = ['', 'scenario', 'cluster', 'outcome', 'tightest expectation: took / budget', 'diagnosis']

function cells(verdict: Verdict): string[] {
  const { scenario, cluster, distribution, diagnosis, expectations } = verdict
  const tight = tightest(expectations)
  const runs = [distribution.name, distribution.version, distribution.kubernetes].filter((part) => part !== '')
  return [
    mark(verdict),
    plain(scenario),
    `${plain(cluster)}<br>${plain([...new Set(runs)].join(' '))}`,
    plain(outcomeText(verdict)),
    tight === null ? '' : `${plain(tight.name)}: ${plain(tookText(tight))}`,
    diagnosis === null ? '' : plain(diagnosis.code),
  ]
}

/** What is to be looked at stands out where colours are none. */
function mark(verdict: Verdict): string {
  if (verdict.outcome === 'skipped') return '⏭️'
  if (asExpected(verdict)) return '✅'
  return verdict.outcome === 'inconclusive' ? '❔' : '❌'
}

/** Folded away: the cause, what helps, and the reason with its last observations. */
function details(verdict: Verdict): string {
  const { scenario, cluster, diagnosis, reason, bundle, journal, expectations } = verdict
  const missed = expectations.filter(({ tookMs }) => tookMs === null)
  const shown = reason.length > longestReason ? `${reason.slice(0, longestReason)}\n… (whole in verdicts.json)` : reason
  return [
    `<details>\n<summary>${mark(verdict)} ${plain(`${scenario} on ${cluster}: ${outcomeText(verdict)}`)}</summary>`,
    ...(diagnosis === null
      ? []
      : [
          `**${plain(diagnosis.code)}**: ${plain(diagnosis.summary)}`,
          ...(diagnosis.remedies.length === 0 ? [] : ['What helps:', list(diagnosis.remedies.map(plain))]),
          ...(diagnosis.upstream.length === 0 ? [] : ['Upstream:', list(diagnosis.upstream.map(plain))]),
        ]),
    ...(missed.length === 0
      ? []
      : [
          table(
            ['missed', 'budget'],
            missed.map(({ name, budget }) => [plain(name), plain(budget)]),
          ),
        ]),
    ...(shown === '' ? [] : [block(shown)]),
    ...[journal === '' ? '' : `journal: ${plain(journal)}`, bundle === null ? '' : `bundle: ${plain(bundle)}`].filter(
      (part) => part !== '',
    ),
    '</details>',
  ].join('\n\n')
}
