import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { execa } from 'execa'
import { stringify } from 'yaml'

import { formatDuration } from '../harness/duration.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { verdictsPath, readVerdicts } from '../reports/verdicts-file.ts'
import type { Leg } from './matrix-legs.ts'
import type { MatrixOptions } from './matrix-options.ts'
import type { LegResult } from './matrix-result.ts'

/** From the order to end to SIGKILL, in milliseconds: a run removes its clusters in that time. */
const endingLimitMs = 2 * 60_000

/** The directory in which a leg leaves what a run leaves. */
export function legDirectory({ out }: Pick<MatrixOptions, 'out'>, { name }: Pick<Leg, 'name'>): string {
  return path.join(out, name)
}

/** Writes the leg's definition, and says how `npm start` is called with it. */
export function legArguments(leg: Leg, options: MatrixOptions): string[] {
  const out = legDirectory(options, leg)
  mkdirSync(out, { recursive: true })
  const file = path.join(out, 'cluster.yaml')
  writeFileSync(file, stringify(leg.definition))
  return [
    '--cluster',
    file,
    '--scenario',
    options.scenario,
    ...(options.repeat === 1 ? [] : ['--repeat', String(options.repeat)]),
    ...(options.offline ? ['--offline'] : []),
    ...(options.asDeclared ? ['--as-declared'] : []),
    ...(options.debug ? ['--debug'] : []),
    '--out',
    out,
  ]
}

/** Runs a leg to its end, in a process of its own: what breaks one leg breaks no other. */
export async function runLeg(leg: Leg, options: MatrixOptions, interrupted: AbortSignal): Promise<LegResult> {
  const out = legDirectory(options, leg)
  const args = legArguments(leg, options)
  const before = readVerdicts(out)?.run.id
  const result = await execa(process.execPath, [path.join(projectFolder, 'cli/start.ts'), ...args], {
    cwd: projectFolder,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    reject: false,
    cancelSignal: interrupted,
    timeout: options.legLimitMs,
    forceKillAfterDelay: endingLimitMs,
  })
  const document = readVerdicts(out)
  // One that broke before it began has left another run's verdicts.
  const verdicts = document === null || document.run.id === before ? [] : document.verdicts
  const exitCode = result.timedOut || result.isCanceled ? null : (result.exitCode ?? null)
  return { name: leg.name, exitCode, reason: reasonOf(result, options, out), verdicts, tookMs: result.durationMs }
}

interface Ended {
  readonly timedOut: boolean
  readonly isCanceled: boolean
  readonly signal?: string | undefined
}

function reasonOf({ timedOut, isCanceled, signal }: Ended, { legLimitMs }: MatrixOptions, out: string): string {
  if (timedOut)
    return `ended after ${formatDuration(legLimitMs)}; ${path.basename(verdictsPath(out))} has what it reached`
  if (isCanceled) return 'interrupted'
  return signal === undefined ? '' : `ended by ${signal}`
}
