import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { labelledObjects } from '../../harness/engine-objects.ts'
import { projectFolder } from '../../harness/images/settings.ts'
import { run } from '../../harness/process.ts'
import { describeObjects } from '../remove-run.ts'
import { asDeclared, type Campaign, sweptIn } from './campaign.ts'
import { type Moment, momentOf, type Phase, recordsOf } from './phase.ts'
import { StartedRun } from './started-run.ts'
import type { Subject } from './subjects.ts'

/** Two things that are run at once, each with an output directory of its own. */
export type Pair = readonly [
  { readonly subject: Subject; readonly out: string },
  { readonly subject: Subject; readonly out: string },
]

const lookMs = 250

const sweepLimitMs = 5 * 60_000

/**
 * Runs two at once, twice. First both to their ends, with a sweep once one of them has its cluster; then one is killed when the other has
 * its cluster, and a sweep clears up after it while the other goes on to its end.
 * Returns what is wrong, in words; empty: neither disturbed the other.
 */
export async function sideBySide(campaign: Campaign, pair: Pair, say: (text: string) => void): Promise<string[]> {
  return [
    ...(await withoutKill(campaign, pair, say)),
    ...(campaign.interrupted.aborted ? [] : await withKill(campaign, pair, say)),
  ]
}

async function withoutKill(campaign: Campaign, pair: Pair, say: (text: string) => void): Promise<string[]> {
  const [first, second] = startBoth(campaign, pair, 'both')
  await Promise.all([reached(first, fromBoot), reached(second, fromBoot)])
  await Promise.race([reached(first, afterBoot), reached(second, afterBoot)])
  say(`one is in ${phaseOf(first).phase}, one in ${phaseOf(second).phase}: a sweep now must find nothing`)
  const before = [await objectsOf(first), await objectsOf(second)]
  const { stdout } = await sweep()
  const missed = [await goneFrom(first, before[0] ?? []), await goneFrom(second, before[1] ?? [])]
  const ends = await Promise.all([first.ended, second.ended])
  return [
    ...(stdout.trim() === 'nothing to sweep' ? [] : [`a sweep beside two living runs said: ${stdout.trim()}`]),
    ...missed.flat(),
    ...asDeclared(first, ends[0].exitCode).map((text) => `beside another run: ${text}`),
    ...asDeclared(second, ends[1].exitCode).map((text) => `beside another run: ${text}`),
  ]
}

async function withKill(campaign: Campaign, pair: Pair, say: (text: string) => void): Promise<string[]> {
  const [living, killed] = startBoth(campaign, pair, 'one')
  await Promise.all([reached(killed, fromBoot), reached(living, afterBoot)])
  const { exitCode: ownEnd } = await killed.kill('main')
  const { phase } = phaseOf(killed)
  const before = await objectsOf(living)
  const { stdout } = await sweep()
  const missed = await goneFrom(living, before)
  say(`one was killed in ${phase}: a sweep removed ${sweptIn(stdout)} things`)
  const left = await objectsOf(killed)
  const { exitCode } = await living.ended
  return [
    ...(ownEnd === null ? [] : [`the run that was to be killed had ended by itself (exit code ${ownEnd})`]),
    ...left.map((name) => `${name} of the killed run is still there`),
    ...missed,
    ...asDeclared(living, exitCode).map((text) => `beside a run that was killed: ${text}`),
  ]
}

function startBoth(campaign: Campaign, pair: Pair, name: string): [StartedRun, StartedRun] {
  const [first, second] = pair.map(({ subject, out }, index) => {
    const log = path.join(campaign.logs, `side-by-side-${name}-${index + 1}.log`)
    const started = new StartedRun(subject, { out, token: campaign.token, log })
    campaign.interrupted.addEventListener('abort', () => void started.end(), { once: true })
    return started
  })
  if (first === undefined || second === undefined) throw new RangeError('a pair has two')
  return [first, second]
}

const afterBoot: readonly Phase[] = ['before the fault', 'fault', 'teardown']
const fromBoot: readonly Phase[] = ['boot', ...afterBoot]

/** Waits until a run has come to one of these phases, or has ended. */
async function reached(started: StartedRun, phases: readonly Phase[]): Promise<void> {
  let over = false
  void started.ended.then(() => (over = true))
  for (;;) {
    if (over || phases.includes(phaseOf(started).phase)) return
    await delay(lookMs)
  }
}

function phaseOf({ id, out }: StartedRun): Moment {
  return momentOf(id === null ? [] : recordsOf(out, id))
}

async function objectsOf({ id }: StartedRun): Promise<string[]> {
  return id === null ? [] : describeObjects(await labelledObjects(id))
}

/** What a living run had before a sweep and has no longer, in words. */
async function goneFrom(living: StartedRun, before: readonly string[]): Promise<string[]> {
  const after = await objectsOf(living)
  return gone(before, after, phaseOf(living).phase)
}

/** A run that has come to its teardown removes its cluster itself. */
export function gone(before: readonly string[], after: readonly string[], phase: Phase): string[] {
  if (phase === 'teardown') return []
  return before.filter((name) => !after.includes(name)).map((name) => `${name} of a living run is gone after a sweep`)
}

function sweep() {
  return run('npm', ['run', '--silent', 'sweep'], { cwd: projectFolder, timeoutMs: sweepLimitMs, reject: false })
}
