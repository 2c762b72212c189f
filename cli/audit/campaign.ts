import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { projectFolder } from '../../harness/images/settings.ts'
import { run } from '../../harness/process.ts'
import { asExpected } from '../../harness/verdict.ts'
import { readVerdicts, verdictsPath } from '../../reports/verdicts-file.ts'
import { type Difference, differences, ignoring, type Inventory, type Kind, kinds } from './differences.ts'
import { type Audited, inventory } from './inventory.ts'
import type { PlannedKill } from './moments.ts'
import { type Moment, momentOf, recordsOf } from './phase.ts'
import { StartedRun } from './started-run.ts'
import type { Subject } from './subjects.ts'

/** What a campaign needs to know. */
export interface Campaign extends Audited {
  /** Texts in the names of what others on this host make. */
  readonly ignored: readonly string[]
  readonly interrupted: AbortSignal
  /** The output directory of each subject. */
  readonly outs: readonly string[]
  /** Where the campaign keeps what the runs say. */
  readonly logs: string
}

/** A subject, the directory that all its runs write into, and how long it takes when nobody kills it. */
export interface Measured {
  readonly subject: Subject
  readonly out: string
  readonly tookMs: number
}

/** A run that was killed, and what came of it. */
export interface KillResult {
  readonly kill: PlannedKill
  readonly moment: Moment
  /** Milliseconds into the run. */
  readonly atMs: number
  /** What it had left when the sweep began, as the audit saw it. */
  readonly left: readonly Difference[]
  /** What the sweep said that it removed. */
  readonly swept: number
  /** What differs from before the campaign when the sweep had ended. */
  readonly remains: readonly Difference[]
  /** What else went wrong, in words. */
  readonly problems: readonly string[]
}

/** The engine takes down what it has let go of after it has answered: milliseconds that it is given for that. */
const settleMs = 5_000

const lookMs = 250

/** A sweep removes three clusters in 20 s; a report of one run takes 10 s. */
const commandLimitMs = 5 * 60_000

/** The differences that remain once the host has had time to settle. */
export async function remaining(
  campaign: Campaign,
  before: Inventory,
  of: readonly Kind[] = kinds,
): Promise<Difference[]> {
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    const found = ignoring(campaign.ignored, differences(before, await inventory(campaign), of))
    if (found.length === 0 || waitedMs >= settleMs) return found
    await delay(lookMs)
  }
}

/** Runs to the end. Returns what is wrong with that, in words; empty: it ended as it declares. */
export async function runToTheEnd(
  campaign: Campaign,
  { subject, out }: Pick<Measured, 'subject' | 'out'>,
  log: string,
): Promise<{ tookMs: number; problems: string[] }> {
  const started = new StartedRun(subject, { out, token: campaign.token, log: path.join(campaign.logs, log) })
  const end = () => void started.end()
  campaign.interrupted.addEventListener('abort', end, { once: true })
  const { exitCode, tookMs } = await started.ended
  campaign.interrupted.removeEventListener('abort', end)
  return { tookMs, problems: asDeclared(started, exitCode) }
}

/** What is wrong with how a run ended, in words. */
export function asDeclared({ out, id }: Pick<StartedRun, 'out' | 'id'>, exitCode: number | null): string[] {
  const document = readVerdicts(out)
  if (document === null || document.run.id !== id) return [`it left no verdicts (exit code ${exitCode})`]
  const others = document.verdicts.filter((verdict) => !asExpected(verdict))
  return [
    ...(document.verdicts.length === 0 ? [`it came to no verdict (exit code ${exitCode})`] : []),
    ...others.map(({ scenario, outcome, reason }) => `${scenario} came to ${outcome}, not as declared: ${reason}`),
    ...(exitCode === 0 ? [] : [`exit code ${exitCode}`]),
  ]
}

/** Starts a run, kills it at its moment, sweeps, and looks at what is left. */
export async function killOnce(
  campaign: Campaign,
  { subject, out, tookMs }: Measured,
  kill: PlannedKill,
  before: Inventory,
  log: string,
): Promise<KillResult> {
  const started = new StartedRun(subject, { out, token: campaign.token, log: path.join(campaign.logs, log) })
  const startedAt = performance.now()
  const due = delay(kill.share * tookMs, null, { signal: campaign.interrupted }).catch(() => null)
  const early = await Promise.race([due, started.ended])
  const atMs = performance.now() - startedAt
  if (early === null) await started.kill(campaign.interrupted.aborted ? 'main' : kill.mode)
  const left = differences(before, await inventory(campaign))
  const { id } = started
  const moment: Moment =
    early === null ? momentOf(id === null ? [] : recordsOf(out, id)) : { phase: 'over', last: 'ended by itself' }
  const sweep = await run('npm', ['run', '--silent', 'sweep'], {
    cwd: projectFolder,
    timeoutMs: commandLimitMs,
    reject: false,
  })
  const remains = await remaining(campaign, before)
  const problems = [
    ...(sweep.exitCode === 0 ? [] : [`the sweep ended with ${sweep.exitCode}: ${sweep.stderr.trim()}`]),
    ...damagedVerdicts(out),
    ...(campaign.interrupted.aborted ? [] : await reportProblems(out)),
  ]
  return { kill, moment, atMs, left, swept: sweptIn(sweep.stdout), remains, problems }
}

/** How many things a sweep said that it removed. */
export function sweptIn(said: string): number {
  return said.split('\n').filter((line) => line.startsWith('removing ')).length
}

/** Its verdicts are whole or not there, whenever a run was killed. */
function damagedVerdicts(out: string): string[] {
  const file = verdictsPath(out)
  return existsSync(file) && readVerdicts(out) === null ? [`${file} is damaged`] : []
}

/** A report of what a killed run has left is built, or it is said what is missing. */
async function reportProblems(out: string): Promise<string[]> {
  const args = [path.join(projectFolder, 'cli/report.ts'), out, '--no-history']
  const { exitCode, stderr } = await run(process.execPath, args, { timeoutMs: commandLimitMs, reject: false })
  return isClear(exitCode, stderr) ? [] : [`no report of ${out} (exit code ${exitCode}): ${stderr.trim()}`]
}

/** Whether a command ended well, or with one message for its user, and no trace of the stack. */
export function isClear(exitCode: number, stderr: string): boolean {
  return exitCode === 0 || (/^error: \S/m.test(stderr) && !/^ {4}at /m.test(stderr))
}
