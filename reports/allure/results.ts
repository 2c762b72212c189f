import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import path from 'node:path'

import { Stage, Status, type StatusDetails } from 'allure-js-commons'
import { ReporterRuntime } from 'allure-js-commons/sdk/reporter'

import type { Run } from '../../harness/run.ts'
import { asExpected, type Verdict } from '../../harness/verdict.ts'
import type { RunReport, ScenarioReport } from '../run-model.ts'
import { factsWithoutRecords } from '../scenario-facts.ts'
import { type Picture, scenarioPictures } from '../scenario-pictures.ts'
import { outcomeText } from '../verdict-line.ts'
import { bundleAttachment, leftOut } from './attachments.ts'
import { bringOthers, removeOldVerdicts } from './beside.ts'
import { environmentOf } from './environment.ts'
import { type JournalParts, readParts } from './journal-parts.ts'
import { unknownStart } from './leg.ts'
import { attachmentLimit } from './limits.ts'
import { allureMessages, type Told } from './messages.ts'
import { ResultWriter } from './result-writer.ts'
import { isCounterTest } from './seed-failures.ts'

export interface ResultOptions {
  /** What draws a scenario's pictures; left out: reports/scenario-pictures.ts. */
  readonly pictures?: (report: ScenarioReport) => Promise<readonly Picture[]>
}

/**
 * Writes a run's results for Allure out of the run's model alone. There is no other way that a verdict gets into the
 * report: of a run that came to its end, of one that was killed, and of one that is merged with others, the same model
 * makes the same files. Writing them again replaces them.
 */
export async function writeAllureResults(
  run: RunReport,
  directory: string,
  { pictures = scenarioPictures }: ResultOptions = {},
): Promise<void> {
  const ids = resultIds(run)
  removeOldVerdicts(directory)
  bringOthers(path.join(run.out, 'allure-results'), directory)
  const runtime = new ReporterRuntime({
    writer: new ResultWriter(directory, [...ids.values()]),
    environmentInfo: environmentOf(run),
  })
  // One journal after the other: what is kept of one is let go of before the next is read.
  for (const [journal, reports] of Map.groupBy(run.scenarios, (report) => report.journal)) {
    const { start, parts } = await partsOf(run.out, journal, reports)
    for (const [index, report] of reports.entries()) {
      const material = { start, journal: parts[index] ?? null, pictures: await pictures(report) }
      const { startedAt } = report
      writeResult(runtime, await tell(run, report, material), { id: ids.get(report) ?? '', startedAt })
    }
  }
  runtime.writeEnvironmentInfo()
  attachLog(runtime, run.out)
}

/** A run of which only the verdicts are known. */
export function verdictsAlone(
  { id, out, origin }: Pick<Run, 'id' | 'out' | 'origin'>,
  verdicts: readonly Verdict[],
): RunReport {
  const at = origin.startedAt
  const scenarios = verdicts.map((verdict): ScenarioReport => {
    const { scenario, cluster } = verdict
    const facts = factsWithoutRecords({ name: scenario, startedAt: 0 }, { endedAt: 0, verdict })
    return { scenario, cluster, verdict, startedAt: 0, endedAt: 0, at, journal: '', facts }
  })
  return { out, id, run: null, scenarios, damagedLines: 0, lastWords: '' }
}

/** A violation that the scenario declares has passed: what the label, the tag and the description say first is its outcome. */
export function statusOf(verdict: Verdict | null): Status {
  if (verdict === null || verdict.outcome === 'inconclusive') return Status.BROKEN
  if (verdict.outcome === 'skipped') return Status.SKIPPED
  return asExpected(verdict) ? Status.PASSED : Status.FAILED
}

function detailsOf(verdict: Verdict | null, lastWords: string): StatusDetails {
  if (verdict === null) return { message: `the run ended here${lastWords === '' ? '' : `: ${lastWords}`}` }
  if (verdict.outcome === 'skipped') return { message: verdict.reason }
  if (asExpected(verdict)) return {}
  const { diagnosis, reason } = verdict
  const cause = diagnosis === null ? '' : `\n${diagnosis.code}: ${diagnosis.summary}`
  return { message: `${outcomeText(verdict)}${cause}`, trace: reason }
}

/** The id of each result, the same whenever it is made: of the run, the scenario, its leg, and which of its repeats it is. */
function resultIds(run: RunReport): Map<ScenarioReport, string> {
  return new Map(
    run.scenarios.map((report) => {
      const { nth } = repeatOf(run, report)
      return [report, uuid(JSON.stringify([run.id, report.scenario, report.cluster, nth]))]
    }),
  )
}

/** A UUID of version 8 (RFC 9562: made of what its maker likes) out of a text. */
function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** A scenario's part of each, of one journal. One that cannot be read has none. */
async function partsOf(out: string, journal: string, reports: readonly ScenarioReport[]): Promise<JournalParts> {
  const nothing = { start: unknownStart, parts: [] }
  if (journal === '') return nothing
  try {
    return await readParts(path.join(out, journal), reports)
  } catch (error) {
    process.stderr.write(`${journal} is missing in the Allure report: ${String(error)}\n`)
    return nothing
  }
}

type Material = Pick<Told, 'start' | 'journal' | 'pictures'>

async function tell(run: RunReport, report: ScenarioReport, material: Material): Promise<Told> {
  const { scenario, cluster, verdict, startedAt, endedAt, at, journal } = report
  const { nth, of } = repeatOf(run, report)
  return {
    ...material,
    scenario,
    cluster,
    distribution: verdict?.distribution ?? distributionOf(run, report),
    verdict,
    repeat: of === 1 ? '' : `${nth} of ${of}`,
    endedAt,
    originAt: originAt(run, at, startedAt),
    journalFile: journal,
    bundle: await bundleOf(run, report),
    lastWords: verdict === null ? run.lastWords : '',
  }
}

/** Counter-tests violate by the dozen and as they should: their bundles would be most of the report's bytes. */
async function bundleOf({ out }: RunReport, { scenario, verdict }: ScenarioReport): Promise<Told['bundle']> {
  const bundle = verdict?.bundle ?? null
  if (verdict === null || bundle === null) return null
  if (!isCounterTest(scenario) || !asExpected(verdict)) return bundleAttachment(out, bundle)
  return leftOut(
    'diagnostics bundle',
    `the counter-test came out as it should; it is ${bundle} in the output directory`,
  )
}

function writeResult(runtime: ReporterRuntime, told: Told, { id, startedAt }: { id: string; startedAt: number }): void {
  const { scenario, verdict, originAt: origin, endedAt, lastWords } = told
  const test = runtime.startTest({ name: scenario, fullName: scenario, start: origin + startedAt })
  runtime.applyRuntimeMessages(test, allureMessages(told))
  runtime.updateTest(test, (result) => {
    result.uuid = id
    result.status = statusOf(verdict)
    result.stage = Stage.FINISHED
    result.statusDetails = detailsOf(verdict, lastWords)
  })
  runtime.stopTest(test, { stop: origin + Math.max(startedAt, endedAt) })
  runtime.writeTest(test)
}

/** `--repeat` gives verdicts of one name: unless they are told apart, Allure takes them for retries. */
function repeatOf({ scenarios }: RunReport, report: ScenarioReport): { nth: number; of: number } {
  const same = scenarios.filter(({ scenario, cluster }) => scenario === report.scenario && cluster === report.cluster)
  return { nth: same.indexOf(report) + 1, of: same.length }
}

/** Of a scenario without a verdict: what the others on its cluster ran on. */
function distributionOf({ scenarios }: RunReport, { cluster }: ScenarioReport): Verdict['distribution'] {
  const beside = scenarios.find((report) => report.cluster === cluster && report.verdict !== null)
  return beside?.verdict?.distribution ?? { name: '', version: '', kubernetes: '' }
}

function originAt({ run }: RunReport, at: string, startedAt: number): number {
  const started = Date.parse(at)
  if (Number.isFinite(started)) return Math.round(started - startedAt)
  return run === null ? 0 : Date.parse(run.startedAt)
}

/** What the live view did not show, once for the whole run. */
function attachLog(runtime: ReporterRuntime, out: string): void {
  const file = path.join(out, 'run.log')
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0 || size > attachmentLimit) return
  const data = { name: `run.log of ${path.basename(out)}`, path: file, contentType: 'text/plain', fileExtension: 'log' }
  runtime.applyGlobalRuntimeMessages([{ type: 'global_attachment_path', data }])
}
