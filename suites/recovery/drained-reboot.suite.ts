import { nodeReadyAfterReboot } from '../../harness/budgets/boot.ts'
import { daemonSetBackoff } from '../../harness/budgets/daemonset.ts'
import { findNode } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { parseDuration } from '../../harness/duration.ts'
import { reboot } from '../../harness/faults/reboot.ts'
import { scenario } from '../../harness/fixtures.ts'
import { describePod } from '../../harness/kube/types.ts'
import { pendingReplacements, writeReplacements } from '../../harness/probes/daemonset-history.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import { nodeStatus, readyAgain } from '../../harness/probes/node-status.ts'
import { failedPods } from '../../harness/probes/pods.ts'
import { cordon, drain } from '../../harness/remedies/drain.ts'
import { serving } from '../../harness/probes/serving.ts'
import { serverReady } from '../../harness/workloads/server.ts'
import { deployWeb, webPods } from '../../harness/workloads/web.ts'
import { daemonSetPodsRun } from './daemonset-pods.ts'

scenario('recovery.drained-reboot', { requires: ['reboot'] }, async ({ cluster, given, eventually }) => {
  const { journal, constants, definition } = cluster
  const worker = findNode(cluster, { role: 'worker' })
  const diagnose = () => diagnoseRecovery(cluster, worker.name)
  const web = {
    probe: () => webPods(cluster),
    until: (pods: Awaited<ReturnType<typeof webPods>>) =>
      pods.filter((pod) => serving(pod, cluster.boots)).length === 2,
    within: serverReady,
    describe: (pods: Awaited<ReturnType<typeof webPods>>) => pods.map(describePod).join(', '),
    diagnose,
  }
  await deployWeb(cluster, 2)
  await given('the Deployment is complete before the fault', web)

  await daemonSetPodsRun({ cluster, given }, worker)
  const before = new Set((await failedPods(cluster)).map(({ metadata }) => metadata.uid))

  await drain(cluster, worker)
  await using fault = await reboot(cluster, worker)
  await eventually('the node is Ready again', {
    probe: () => nodeStatus(cluster, worker),
    until: readyAgain,
    within: nodeReadyAfterReboot(constants.shutdownGracePeriodMs, parseDuration(definition.objectives.nodeBoot)),
    since: fault.injectedAt,
    diagnose,
  })
  await cordon(cluster, worker, false)

  const due = pendingReplacements(writeReplacements(journal, worker.name))[0]?.predictedAt ?? 0
  const within = daemonSetBackoff(Math.max(0, due - journal.now()))
  await eventually('every DaemonSet pod runs on the node again', {
    probe: () => nodeDaemonSetState(cluster, worker),
    until: complete,
    within,
    describe: describeState,
    diagnose,
  })
  await eventually('no Failed pod is left', {
    probe: async () => (await failedPods(cluster)).filter(({ metadata }) => !before.has(metadata.uid)),
    until: (pods) => pods.length === 0,
    within,
    describe: (pods) => pods.map(describePod).join(', ') || 'none',
    diagnose: (pods) =>
      diagnosis('recovery.failed-pods-left', `left behind: ${pods?.map(describePod).join(', ') ?? 'unknown'}`),
  })
  await eventually('the Deployment is complete after it', web)
})
