import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import { runHelm } from '../helm-binary.ts'
import { CommandError, type Run, run } from '../process.ts'
import { UserError } from '../user-error.ts'
import { cacheFolder, chartFolder, isOffline } from './settings.ts'

/** A Helm chart that is wanted, and every way in which it may be had. */
export interface ChartRequest {
  /** What messages call it, and its publisher. */
  readonly name: string
  /** As it is published: `v0.0.17`, `0.7.4`. */
  readonly version: string
  /** The file of it in the folder of charts: `spegel-v0.0.17.tgz`. */
  readonly archive: string
  /** `oci://…`, where its publisher has it under `version`. */
  readonly repository: string
}

/** A chart that is on this machine. */
export interface ProvidedChart {
  /** The packed chart. */
  readonly file: string
  /** Which way was taken, in words. */
  readonly from: string
}

/** No way leads to the chart from here. */
export class MissingChart extends UserError {}

/** What may differ from this machine's settings. */
export interface ChartOptions {
  readonly run?: Run
  /** The folder of charts, if there is one. */
  readonly charts?: string | undefined
  readonly offline?: boolean
  readonly cache?: string
}

/** A chart has 20 kB; a registry that has not answered by then is not going to, in milliseconds. */
const pullLimitMs = 60_000

/**
 * Finds a chart in the folder of charts, else among what was pulled before; else pulls it, unless this runs offline.
 * @throws {MissingChart} where no way leads there
 */
export async function provideChart(chart: ChartRequest, options: ChartOptions = {}): Promise<ProvidedChart> {
  const charts = 'charts' in options ? options.charts : chartFolder()
  const { offline = isOffline(), cache = cacheFolder(), run: runs = run } = options
  const archived = charts === undefined ? undefined : path.join(charts, chart.archive)
  if (archived !== undefined && existsSync(archived)) return { file: archived, from: `from ${archived}` }
  const missed = [archived === undefined ? 'there is no folder of charts' : `there is no ${archived}`]

  const pulled = path.join(cache, 'charts', `${chart.name}-${chart.version}.tgz`)
  const source = `pulled from ${chart.repository}`
  if (existsSync(pulled)) return { file: pulled, from: `${source} before` }
  if (offline) missed.push('no registry is asked, because this runs offline')
  else {
    const failure = await pull(chart, path.dirname(pulled), runs)
    if (failure === undefined && existsSync(pulled)) return { file: pulled, from: source }
    missed.push(failure ?? `${chart.repository} gave another chart than ${path.basename(pulled)}`)
  }
  throw new MissingChart(`no way leads to the chart ${chart.name} ${chart.version}: ${missed.join('; ')}`, {
    hint: 'Run where its registry can be reached, or put the packed chart where CLUSTERPROOF_CHARTS says.',
  })
}

/** @returns why it was not pulled; `undefined` where it was */
async function pull({ repository, version }: ChartRequest, folder: string, runs: Run): Promise<string | undefined> {
  await mkdir(folder, { recursive: true })
  try {
    await runHelm(['pull', repository, '--version', version, '--destination', folder], { timeoutMs: pullLimitMs }, runs)
    return undefined
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return `${repository} ${version} was not pulled: ${saidByHelm(error)}`
  }
}

/** The line in which helm says what is wrong, without its warnings. */
export function saidByHelm({ stderr, message }: CommandError): string {
  const at = stderr.search(/^Error: /m)
  return at === -1 ? message : stderr.slice(at + 'Error: '.length).trim()
}
