import { randomInt } from 'node:crypto'

import { Option } from 'commander'

import { UserError } from '../../harness/user-error.ts'
import { command, parse, wholeNumber } from '../command.ts'
import { type KillMode, killModes } from './moments.ts'
import { counterSubject, scenarioSubject, type Subject } from './subjects.ts'

export interface AuditOptions {
  readonly times: number
  readonly seed: number
  /** The share of a run before which it is not killed. */
  readonly from: number
  readonly modes: readonly KillMode[]
  readonly subjects: readonly Subject[]
  readonly ignored: readonly string[]
  readonly sideBySide: boolean
  /** Milliseconds after which no other run is begun; null: all are. */
  readonly limitMs: number | null
}

interface Flags {
  readonly times: number
  readonly seed?: number
  readonly from: number
  readonly kill: KillMode[]
  readonly scenario: string[]
  readonly cluster: string[]
  /** `--no-counter` makes it false. */
  readonly counter?: string[] | boolean
  readonly ignore: string[]
  readonly sideBySide?: boolean
  readonly minutes?: number
  readonly debug?: boolean
}

/** Short, and with everything in it that a run has: machines that boot, a fault, a pod's log that is followed. */
const scenarios = ['recovery.daemonset-after-reboot']

const clusters = ['kind', 'kubeadm']

const counterTest = 'recovery.daemonset-after-reboot against a DaemonSet whose image is gone'

/**
 * What `npm run audit:leftovers -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function auditOptions(args: readonly string[]): AuditOptions | null {
  const flags = parse<Flags>(
    command(
      'npm run audit:leftovers',
      'Kills runs at random moments and looks whether a sweep leaves anything of them.',
    )
      .option('--times <N>', 'kill so many runs', wholeNumber(1, 10_000), 50)
      .option('--seed <N>', 'the same moments again (default: random)', wholeNumber(0, 2 ** 32 - 1))
      .option('--from <PERCENT>', 'only in the rest of a run: 90 for its end', wholeNumber(0, 99), 0)
      .addOption(new Option('--kill <MODE...>', 'what is killed, in turn').choices(killModes).default([...killModes]))
      .option('--scenario <NAME...>', 'the scenarios to run', scenarios)
      .option('--cluster <NAME...>', 'the clusters to run them on', clusters)
      .option('--counter <NAME...>', `counter-tests to run (default: ${counterTest})`)
      .option('--no-counter', 'run no counter-test')
      .option('--side-by-side', 'instead: run two at once, and kill one of them')
      .option('--minutes <N>', 'begin no other run after so long', wholeNumber(1, 10_000))
      .option('--ignore <TEXT...>', 'leave out what has this in its name: others on this host make it', [])
      .option('--debug', 'show where errors come from'),
    args,
  )
  if (flags === null) return null
  const { times, seed = randomInt(2 ** 32), kill, minutes, sideBySide = false, ignore } = flags
  const onClusters = flags.scenario.flatMap((name) => flags.cluster.map((cluster) => scenarioSubject(name, cluster)))
  const subjects = [...onClusters, ...counterNames(flags.counter).map(counterSubject)]
  if (sideBySide && subjects.length < 2) {
    throw new UserError('side by side are two, and this is one', {
      exitCode: 2,
      hint: 'Name another cluster (--cluster kind kubeadm), or leave the flag out for the default.',
    })
  }
  return {
    times,
    seed,
    from: flags.from / 100,
    modes: kill,
    subjects,
    ignored: ignore,
    sideBySide,
    limitMs: minutes === undefined ? null : minutes * 60_000,
  }
}

function counterNames(flag: Flags['counter']): readonly string[] {
  if (Array.isArray(flag)) return flag
  return flag === false ? [] : [counterTest]
}
