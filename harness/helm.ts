import type { StartedCluster } from './cluster.ts'
import { formatDuration } from './duration.ts'
import { MissingCapability } from './faults/fault.ts'
import { runHelm } from './helm-binary.ts'
import { type ChartOptions, type ChartRequest, MissingChart, provideChart, saidByHelm } from './images/charts.ts'
import { CommandError, type RunOptions } from './process.ts'
import { UserError } from './user-error.ts'

/** What is installed of a chart, and where. */
export interface ChartRelease {
  /** The release's name. Spegel's lock and objects are named after it. */
  readonly release: string
  readonly namespace: string
  readonly chart: ChartRequest
  /** What differs from the chart's own values. */
  readonly values: Readonly<Record<string, unknown>>
  /**
   * `false`: the chart's hooks are left out when it is removed. Spegel's (v0.7.4) takes its mirror's configuration off
   * the nodes, with a pod on each that must get well: it cannot where the network stays broken.
   */
  readonly removalHooks?: boolean
}

/** What helm itself waits for: the API's answers, and each hook. Nothing waits for pods. */
const helmWaits = '60s'

/** helm answers in 1 s where the API does; it gives up after `helmWaits` for each of its hooks. */
const helmLimitMs = 3 * 60_000

/**
 * Installs a chart, or changes a release to it and to these values alone. Returns when the API has its objects; whether
 * its pods get well is for the scenario to judge. Disposing of it uninstalls the release; one that is gone is no error.
 * What helm has begun and not ended is uninstalled as well. The namespace is made where it is missing, and stays.
 * @throws {MissingCapability} where this machine cannot have the chart: the scenario is skipped
 * @throws {UserError} which says what helm said
 */
export async function installChart(
  cluster: Pick<StartedCluster, 'kubeconfig' | 'journal'>,
  { release, namespace, chart, values, removalHooks = true }: ChartRelease,
  options: ChartOptions = {},
): Promise<AsyncDisposable> {
  const { journal, kubeconfig } = cluster
  const { file, from } = await needChart(chart, options)
  const subject = `release/${namespace}/${release}`
  const where = ['--namespace', namespace, '--kubeconfig', kubeconfig, '--timeout', helmWaits]
  const helm = async (verb: string, args: readonly string[], limits: RunOptions = {}) => {
    try {
      return await runHelm([...args, ...where], { timeoutMs: helmLimitMs, ...limits }, options.run)
    } catch (error) {
      if (error instanceof CommandError) throw helmFailed(verb, subject, chart, error)
      throw error
    }
  }

  journal.append('cluster', 'chart-installing', subject, { chart: chart.name, version: chart.version, from, values })
  // JSON is YAML. What an earlier installation was given is forgotten, also where nothing is given now.
  const upgrade = ['upgrade', '--install', '--create-namespace', '--reset-values', release, file, '--values', '-']
  const uninstall = async (hooks: boolean) => {
    const without = hooks ? [] : ['--no-hooks']
    await helm('uninstall', ['uninstall', release, '--ignore-not-found', '--wait=false', ...without])
    journal.append('cluster', 'chart-uninstalled', subject)
  }
  try {
    const { durationMs } = await helm('install', upgrade, { input: JSON.stringify(values) })
    journal.append('cluster', 'chart-installed', subject, { took: formatDuration(durationMs) })
  } catch (error) {
    // Why it was not installed is what matters, and helm begins nothing anew beside what it has not ended.
    await uninstall(false).catch(() => undefined)
    throw error
  }
  return { [Symbol.asyncDispose]: () => uninstall(removalHooks) }
}

async function needChart(chart: ChartRequest, options: ChartOptions) {
  try {
    return await provideChart(chart, options)
  } catch (cause) {
    if (!(cause instanceof MissingChart)) throw cause
    throw new MissingCapability(`this machine cannot have the chart: ${cause.message}`, { cause })
  }
}

function helmFailed(verb: string, subject: string, { name, version }: ChartRequest, cause: CommandError): UserError {
  return new UserError(`helm could not ${verb} ${subject} (${name} ${version}): ${saidByHelm(cause)}`, {
    hint: `See whether the API answers, and what \`helm status\` and \`helm history\` say of the release.`,
    cause,
  })
}
