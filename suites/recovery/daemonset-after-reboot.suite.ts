import { nodeReadyAfterReboot } from '../../harness/budgets/boot.ts'
import { daemonSetBackoff } from '../../harness/budgets/daemonset.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { parseDuration } from '../../harness/duration.ts'
import { reboot } from '../../harness/faults/reboot.ts'
import { scenario } from '../../harness/fixtures.ts'
import { pendingReplacements, writeReplacements } from '../../harness/probes/daemonset-history.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import { nodeStatus, readyAgain } from '../../harness/probes/node-status.ts'
import { followBackoff } from './backoff-model.ts'
import { agentOnWorker } from './storm.ts'

scenario('recovery.daemonset-after-reboot', { requires: ['reboot', 'graceful-shutdown'] }, async (context) => {
  const { cluster, eventually, verify, measure } = context
  const { journal, constants, definition } = cluster
  const worker = await agentOnWorker(context)
  const diagnose = () => diagnoseRecovery(cluster, worker.name)

  await using fault = await reboot(cluster, worker)

  await eventually('the node is Ready again', {
    probe: () => nodeStatus(cluster, worker),
    until: readyAgain,
    within: nodeReadyAfterReboot(constants.shutdownGracePeriodMs, parseDuration(definition.objectives.nodeBoot)),
    since: fault.injectedAt,
    diagnose,
  })
  const nodeReadyAt = journal.now()
  measure('node Ready after', nodeReadyAt - fault.injectedAt, 'ms')

  const history = () => writeReplacements(journal, worker.name)
  const due = pendingReplacements(history())[0]?.predictedAt ?? nodeReadyAt
  await eventually('every DaemonSet pod runs on the node again', {
    probe: () => nodeDaemonSetState(cluster, worker),
    until: complete,
    within: daemonSetBackoff(Math.max(0, due - nodeReadyAt)),
    since: nodeReadyAt,
    describe: describeState,
    diagnose,
  })
  measure('DaemonSet pods Ready after the node', journal.now() - nodeReadyAt, 'ms')

  const replacements = history().replacements.filter(({ failedAt }) => failedAt >= fault.injectedAt)
  for (const { pod, reason, predictedDelayMs, measuredDelayMs } of replacements) {
    measure(`${pod} ${reason}: predicted delay`, predictedDelayMs, 'ms')
    if (measuredDelayMs !== null) measure(`${pod} ${reason}: measured delay`, measuredDelayMs, 'ms')
  }
  verify(
    'the kubelet ended the pods in order: Failed/Terminated is in the journal',
    replacements.some(({ reason }) => reason === 'Terminated'),
    () => diagnosis('recovery.shutdown-not-graceful', `no DaemonSet pod of ${worker.name} was ended with Terminated`),
  )
  verify(
    'replacements were refused while it shut down: Failed/NodeShutdown is in the journal',
    replacements.some(({ reason }) => reason === 'NodeShutdown'),
    () => diagnosis('recovery.shutdown-not-graceful', `no replacement on ${worker.name} was refused with NodeShutdown`),
  )
  followBackoff(context, replacements)
})
