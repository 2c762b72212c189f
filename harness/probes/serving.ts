import { type Pod, podReady } from '../kube/types.ts'
import type { BootTimes } from '../nodes/engine-events.ts'
import { sinceBoot } from './node-status.ts'

/** A pod that is Ready, with every container started in its machine's present boot: before that, Ready is history. */
export function serving(pod: Pod, boots: BootTimes): boolean {
  const bootedAt = boots.get(pod.spec?.nodeName ?? '')
  const containers = pod.status?.containerStatuses ?? []
  return podReady(pod) && containers.every(({ state }) => sinceBoot(state?.running?.startedAt, bootedAt))
}
