import { failedPodDeleted } from '../../harness/budgets/daemonset.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { formatDuration } from '../../harness/duration.ts'
import { followsModel, type Replacement } from '../../harness/probes/daemonset-history.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import type { Diagnosis } from '../../harness/verdict.ts'

/** Every failed pod was deleted when the model of the controller's back-off has it: hardly later, and not before. */
export function followBackoff({ lasted, verify }: ScenarioContext, replacements: readonly Replacement[]): void {
  const latest = replacements
    .flatMap(delayOf)
    .toSorted((a, b) => a.used - b.used)
    .at(-1)
  if (latest !== undefined) {
    lasted('model: each delay follows the back-off within 10 % + 1 s', latest, latest.within, () => stuck(latest.of))
  }
  const astray = replacements.find((replacement) => !followsModel(replacement))
  verify('model: no failed pod is replaced before its back-off is over', astray === undefined, () => stuck(astray))
}

function delayOf(replacement: Replacement) {
  const { failedAt: since, predictedAt, deletedAt } = replacement
  if (deletedAt === null) return []
  const within = failedPodDeleted(predictedAt - since)
  const ms = deletedAt - since
  return [{ of: replacement, since, ms, within, used: ms / within.ms }]
}

function stuck(replacement: Replacement | undefined): Diagnosis {
  const { pod = '', predictedDelayMs = 0, measuredDelayMs } = replacement ?? {}
  const measured = formatDuration(measuredDelayMs ?? 0)
  return diagnosis(
    'recovery.daemonset-stuck',
    `${pod}: predicted ${formatDuration(predictedDelayMs)}, measured ${measured}`,
  )
}
