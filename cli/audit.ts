import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { formatDuration } from '../harness/duration.ts'
import { run } from '../harness/process.ts'
import { UserError } from '../harness/user-error.ts'
import { isAlive, runRecords } from '../reports/run-record.ts'
import { type Campaign, killOnce, type KillResult, type Measured, remaining, runToTheEnd } from './audit/campaign.ts'
import { type Inventory, kinds } from './audit/differences.ts'
import { inventory } from './audit/inventory.ts'
import { plannedKills } from './audit/moments.ts'
import { type AuditOptions, auditOptions } from './audit/options.ts'
import { differenceText, killText, phaseTable } from './audit/result-text.ts'
import { sideBySide } from './audit/side-by-side.ts'
import { EndingSignals } from './ending-signals.ts'
import { main } from './main.ts'
import { requireOwnEngine } from './own-engine.ts'

/**
 * `npm run audit:leftovers`: kills runs at random moments, sweeps, and compares the host with what it was before. Returns
 * the exit code: 1 where anything differs.
 */
async function audit(args: readonly string[]): Promise<number> {
  const options = auditOptions(args)
  if (options === null) return 0
  await requireOwnEngine()
  await requireQuiet()
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-audit-'))
  using signals = new EndingSignals({ ending: 'ending the audit', complain: (text) => console.error(text) })
  const campaign: Campaign = {
    token: randomBytes(8).toString('hex'),
    outs: options.subjects.map((_, index) => path.join(folder, `out-${index + 1}`)),
    logs: path.join(folder, 'logs'),
    ignored: options.ignored,
    interrupted: signals.interrupted,
  }
  const problems = await (options.sideBySide ? auditSideBySide : auditKills)(campaign, options)
  if (signals.interruption !== null) return signals.interruption.exitCode
  if (problems === 0) rmSync(folder, { recursive: true })
  else console.log(`\nwhat the runs said and left: ${folder}`)
  console.log(problems === 0 ? '\nnothing is left behind' : `\n${problems} things are not as they should be`)
  return problems === 0 ? 0 : 1
}

/** @throws {UserError} where others make what could be taken for left by a run */
async function requireQuiet(): Promise<void> {
  const { stdout } = await run('docker', ['ps', '--format', '{{.Names}}'], { timeoutMs: 30_000 })
  const running = stdout.split('\n').filter((name) => name !== '')
  for (const record of runRecords()) if (await isAlive(record)) running.push(`run ${record.id}`)
  if (running.length === 0) return
  throw new UserError(
    `nobody can tell what a run leaves on this host while others are at work: ${running.join(', ')}`,
    {
      hint: 'Wait until they have ended. `npm run sweep` removes what dead runs have left.',
    },
  )
}

/** Returns how many things were wrong. */
async function auditKills(campaign: Campaign, options: AuditOptions): Promise<number> {
  const began = performance.now()
  console.log(`seed ${options.seed}; runs that nobody kills, to measure how long they take:`)
  const untouched = await inventory(campaign)
  const { measured, problems } = await measure(campaign, options)
  // What a run brings is kept for the next one: images, and what is known about archives.
  const ownKinds = kinds.filter((kind) => kind !== 'image' && kind !== 'cache file')
  const ofWell = await remaining(campaign, untouched, ownKinds)
  for (const difference of ofWell) console.log(`  ${differenceText(difference)}`)
  let wrong = problems + ofWell.length

  let before = await inventory(campaign)
  const results: KillResult[] = []
  const { times, subjects, modes, seed, limitMs, from } = options
  const planned = plannedKills(seed, { times, subjects: subjects.length, modes, from })
  for (const [index, kill] of planned.entries()) {
    const late = limitMs !== null && performance.now() - began > limitMs
    const target = measured[kill.subject]
    if (campaign.interrupted.aborted || late || target === undefined) break
    const result = await killOnce(campaign, target, kill, before, `kill-${index + 1}.log`)
    console.log(`${index + 1} of ${times}  ${killText(result, target)}`)
    results.push(result)
    // It has been told, and the next run has not left it.
    if (result.remains.length > 0) before = await inventory(campaign)
    wrong += result.remains.length + result.problems.length
  }
  if (results.every(({ moment }) => moment.phase === 'over')) {
    console.log('no run was killed: nothing is known')
    wrong += 1
  }
  wrong += await runAgain(campaign, measured, before)
  console.log(`\n${phaseTable(results)}`)
  console.log(`${results.length} of ${times} runs in ${formatDuration(performance.now() - began)}, seed ${seed}`)
  return wrong
}

async function measure(
  campaign: Campaign,
  { subjects }: AuditOptions,
): Promise<{ measured: Measured[]; problems: number }> {
  const measured: Measured[] = []
  let wrong = 0
  for (const [index, subject] of subjects.entries()) {
    if (campaign.interrupted.aborted) break
    const target = { subject, out: campaign.outs[index] ?? '' }
    const { tookMs, problems } = await runToTheEnd(campaign, target, `whole-${index + 1}.log`)
    console.log(`${subject.name}: ${formatDuration(tookMs)}`)
    for (const problem of problems) console.log(`  ${problem}`)
    wrong += problems.length
    measured.push({ ...target, tookMs })
  }
  return { measured, problems: wrong }
}

/** Each directory has what many killed runs have left in it: another run must get on with that. */
async function runAgain(campaign: Campaign, measured: readonly Measured[], before: Inventory): Promise<number> {
  let wrong = 0
  for (const [index, target] of measured.entries()) {
    if (campaign.interrupted.aborted) break
    const { tookMs, problems } = await runToTheEnd(campaign, target, `again-${index + 1}.log`)
    const remains = await remaining(campaign, before)
    console.log(`${target.subject.name}, into what killed runs have left: ${formatDuration(tookMs)}`)
    const found = [...problems, ...remains.map(differenceText)]
    for (const text of found) console.log(`  ${text}`)
    wrong += found.length
  }
  return wrong
}

/** Returns how many things were wrong. */
async function auditSideBySide(campaign: Campaign, { subjects }: AuditOptions): Promise<number> {
  const [first, second] = subjects
  const [firstOut = '', secondOut = ''] = campaign.outs
  if (first === undefined || second === undefined) throw new RangeError('side by side are two')
  console.log(`side by side: ${first.name}; ${second.name}`)
  const before = await inventory(campaign)
  const pair = [
    { subject: first, out: firstOut },
    { subject: second, out: secondOut },
  ] as const
  const problems = await sideBySide(campaign, pair, (text) => console.log(text))
  const remains = await remaining(
    campaign,
    before,
    kinds.filter((kind) => kind !== 'image' && kind !== 'cache file'),
  )
  const found = [...problems, ...remains.map(differenceText)]
  for (const text of found) console.log(`  ${text}`)
  return found.length
}

await main(audit)
