import { nodeReadyAfterStart } from '../../harness/budgets/boot.ts'
import { extend } from '../../harness/budgets/budget.ts'
import { apiServerBack, leasesHeld } from '../../harness/budgets/control-plane.ts'
import { daemonSetObjective } from '../../harness/budgets/daemonset.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { parseDuration } from '../../harness/duration.ts'
import { coldStart } from '../../harness/faults/cold-start.ts'
import { scenario } from '../../harness/fixtures.ts'
import { ailments } from '../../harness/probes/health.ts'
import { describePod } from '../../harness/kube/types.ts'
import { serving } from '../../harness/probes/serving.ts'
import { serverReady } from '../../harness/workloads/server.ts'
import { deployWeb, webPods } from '../../harness/workloads/web.ts'
import { ledAgain } from './leading.ts'

scenario('recovery.cold-start', { requires: ['power'] }, async (context) => {
  const { cluster, given, eventually, measure } = context
  const { journal, definition } = cluster
  const { nodeBoot, daemonSetRecovery } = definition.objectives
  const diagnose = () => diagnoseRecovery(cluster)
  const web = {
    probe: () => webPods(cluster),
    until: (pods: Awaited<ReturnType<typeof webPods>>) =>
      pods.filter((pod) => serving(pod, cluster.boots)).length === 2,
    describe: (pods: Awaited<ReturnType<typeof webPods>>) => pods.map(describePod).join(', '),
    diagnose,
  }
  await deployWeb(cluster, 2)
  await given('the Deployment is complete before the fault', { ...web, within: serverReady })

  await using fault = await coldStart(cluster)
  const switchedOnAt = await fault.heal()

  const bootMs = parseDuration(nodeBoot)
  await eventually('the API answers again', {
    probe: (signal) => cluster.api.text('/readyz', { signal }),
    until: (answer) => answer === 'ok',
    within: apiServerBack(0, bootMs),
    since: switchedOnAt,
  })
  const renewedSince = Date.now()
  measure('API answers after', journal.now() - switchedOnAt, 'ms')
  const within = extend(
    nodeReadyAfterStart(bootMs),
    ...leasesHeld().terms,
    ...daemonSetObjective(parseDuration(daemonSetRecovery)).terms,
  )
  await eventually('the cluster is healthy without hands', {
    probe: () => ailments(cluster),
    until: (found) => found.length === 0,
    within,
    since: switchedOnAt,
    describe: (found) => found.join('; ') || 'healthy',
    diagnose,
  })
  await ledAgain(context, { since: switchedOnAt, renewedSince, within, diagnose })
  await eventually('the Deployment is complete again', { ...web, within, since: switchedOnAt })
  measure('healthy after', journal.now() - switchedOnAt, 'ms')
})
