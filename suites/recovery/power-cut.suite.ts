import { nodeNotReady, nodeReadyAfterStart } from '../../harness/budgets/boot.ts'
import { extend } from '../../harness/budgets/budget.ts'
import { requestsMoveOn, serviceObjective } from '../../harness/budgets/service.ts'
import { daemonSetObjective } from '../../harness/budgets/daemonset.ts'
import { findNode } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { formatDuration, parseDuration } from '../../harness/duration.ts'
import { powerCut } from '../../harness/faults/power-cut.ts'
import { scenario } from '../../harness/fixtures.ts'
import { describePod } from '../../harness/kube/types.ts'
import { longestOf } from '../../harness/lapse.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import { nodeReady, nodeStatus, readyAgain } from '../../harness/probes/node-status.ts'
import { serving } from '../../harness/probes/serving.ts'
import { ServiceTraffic } from '../../harness/workloads/service-traffic.ts'
import { serverReady } from '../../harness/workloads/server.ts'
import { deployWeb, webPods, webUrl } from '../../harness/workloads/web.ts'
import { daemonSetPodsRun } from './daemonset-pods.ts'

/**
 * Without a lost request for this long, requests go where they are answered: five are sent a second, and where half of them
 * still go to the machine that is off, twenty in a row are answered once in a million.
 */
const quietMs = 4_000

/** Longest time without any answer in it: half of the requests are answered all the while. */
const silentMs = 2_000

scenario('recovery.power-cut', { requires: ['power'] }, async ({ cluster, given, eventually, lasted, measure }) => {
  const { journal, constants } = cluster
  const objectives = cluster.definition.objectives
  const worker = findNode(cluster, { role: 'worker' })
  const diagnose = () => diagnoseRecovery(cluster, worker.name)
  await deployWeb(cluster, 2)
  await given('the Deployment serves from both workers', {
    probe: () => webPods(cluster),
    until: (pods) =>
      new Set(pods.filter((pod) => serving(pod, cluster.boots)).map(({ spec }) => spec?.nodeName)).size === 2 &&
      pods.length === 2,
    within: serverReady,
    describe: (pods) => pods.map(describePod).join(', '),
  })
  const client = findNode(cluster, { role: 'control-plane' })
  await using traffic = new ServiceTraffic(client, await webUrl(cluster), journal)
  await given('requests are answered before the fault', {
    probe: () => Promise.resolve(traffic.answered),
    until: (answered) => answered >= 5,
    within: serverReady,
  })
  await daemonSetPodsRun({ cluster, given }, worker)

  await using fault = await powerCut(cluster, worker)

  await eventually('the node is marked NotReady', {
    probe: () => nodeReady(cluster, worker.name),
    until: (ready) => !ready,
    within: nodeNotReady(constants.nodeMonitorGracePeriodMs),
    since: fault.injectedAt,
    describe: (ready) => (ready ? 'Ready' : 'NotReady'),
  })
  const notReadyAt = journal.now()
  measure('NotReady after', notReadyAt - fault.injectedAt, 'ms')

  await eventually('every request is answered by the other worker', {
    probe: () =>
      Promise.resolve({
        quietMs: traffic.answeredFor(notReadyAt),
        gapMs: longestOf(traffic.gaps(Math.max(notReadyAt, journal.now() - quietMs))).ms,
      }),
    until: (seen) => seen.quietMs >= quietMs && seen.gapMs < silentMs,
    within: extend(requestsMoveOn, { name: 'quiet time asked for', ms: quietMs, source: 'harness: twenty requests' }),
    since: notReadyAt,
    diagnose: () =>
      diagnosis(
        'recovery.service-gap',
        `requests are still lost ${formatDuration(journal.now() - notReadyAt)} after NotReady`,
      ),
  }).catch((error: unknown) => {
    traffic.requireRunning()
    throw error
  })

  const switchedOnAt = await fault.heal()
  await eventually('the node is Ready again', {
    probe: () => nodeStatus(cluster, worker),
    until: readyAgain,
    within: nodeReadyAfterStart(parseDuration(objectives.nodeBoot)),
    since: switchedOnAt,
    diagnose,
  })
  measure('Ready after power is back', journal.now() - switchedOnAt, 'ms')
  await eventually('every DaemonSet pod runs on the node again', {
    probe: () => nodeDaemonSetState(cluster, worker),
    until: complete,
    within: daemonSetObjective(parseDuration(objectives.daemonSetRecovery)),
    describe: describeState,
    diagnose,
  })
  await eventually('the Deployment is complete again', {
    probe: () => webPods(cluster),
    until: (pods) => pods.filter((pod) => serving(pod, cluster.boots)).length === 2,
    within: serverReady,
    describe: (pods) => pods.map(describePod).join(', '),
    diagnose,
  })

  traffic.requireRunning()
  const gaps = traffic.gaps()
  const limit = serviceObjective(parseDuration(objectives.serviceGap))
  measure('requests answered', traffic.answered, '')
  measure('requests lost', traffic.lost, '')
  measure('longest gap without an answer', longestOf(gaps).ms, 'ms')
  lasted(`the Service was never silent for longer than ${formatDuration(limit.ms)}`, gaps, limit, (gap) =>
    diagnosis(
      'recovery.service-gap',
      `the Service answered nobody for ${formatDuration(gap.ms)}; the objective is ${formatDuration(limit.ms)}`,
    ),
  )
})
