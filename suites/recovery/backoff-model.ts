import { deletedAfterBackoff } from '../../harness/budgets/daemonset.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { formatDuration } from '../../harness/duration.ts'
import { followsModel, type Replacement } from '../../harness/probes/daemonset-history.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import type { Diagnosis } from '../../harness/verdict.ts'

/**
 * Every failed pod was deleted when the model of the controller's back-off has it: hardly later, and not before. The back-off
 * itself is a timer, which no host is too slow for; what comes after its end is judged as a stretch of time.
 */
export function followBackoff(
  { lasted, verify }: Pick<ScenarioContext, 'lasted' | 'verify'>,
  replacements: readonly Replacement[],
): void {
  const waiting = replacements.find(({ deletedAt }) => deletedAt === null)
  verify('model: every failed pod is replaced', waiting === undefined, () => stuck(waiting))
  const delays = replacements.map(delayOf).toSorted((a, b) => b.used - a.used)
  // All that were late; where none was, the one that used most of its tolerance.
  for (const delay of delays.filter(({ used }, index) => index === 0 || used > 1)) {
    lasted('model: each delay follows the back-off within 10 % + 1 s', [delay], delay.within, () => stuck(delay.of))
  }
  const early = replacements.find((replacement) => !followsModel(replacement))
  verify('model: no failed pod is replaced before its back-off is over', early === undefined, () => stuck(early))
}

/** How late its deletion was, by the model. */
function delayOf(replacement: Replacement) {
  const { predictedAt, predictedDelayMs, deletedAt } = replacement
  const within = deletedAfterBackoff(predictedDelayMs)
  const ms = Math.max(0, (deletedAt ?? predictedAt) - predictedAt)
  return { of: replacement, since: predictedAt, ms, within, used: ms / within.ms }
}

function stuck(replacement: Replacement | undefined): Diagnosis {
  const { pod = '', predictedDelayMs = 0, measuredDelayMs = null } = replacement ?? {}
  const measured = measuredDelayMs === null ? 'not deleted yet' : `measured ${formatDuration(measuredDelayMs)}`
  return diagnosis('recovery.daemonset-stuck', `${pod}: predicted ${formatDuration(predictedDelayMs)}, ${measured}`)
}
