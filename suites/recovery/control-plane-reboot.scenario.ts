import { apiServerBack, leasesHeld } from '../../harness/budgets/control-plane.ts'
import { findNode } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { formatDuration, parseDuration } from '../../harness/duration.ts'
import { reboot } from '../../harness/faults/reboot.ts'
import { scenario } from '../../harness/fixtures.ts'
import { longestOf } from '../../harness/lapse.ts'
import { ailments } from '../../harness/probes/health.ts'
import { NumberedWrites } from '../../harness/workloads/numbered-writes.ts'
import { applyServerConfig, serverReady } from '../../harness/workloads/server.ts'
import { ledAgain } from './leading.ts'

scenario('recovery.control-plane-reboot', { requires: ['reboot'] }, async (context) => {
  const { cluster, given, eventually, eventuallyOrViolate, lasted, require, measure } = context
  const { api, journal, constants, definition } = cluster
  const controlPlane = findNode(cluster, { role: 'control-plane' })
  const diagnose = () => diagnoseRecovery(cluster, controlPlane.name)
  await applyServerConfig(cluster)
  await using writes = new NumberedWrites(api, journal)
  await given('writes are acknowledged before the fault', {
    probe: () => Promise.resolve(writes.acknowledged),
    until: (acknowledged) => acknowledged >= 10,
    within: serverReady,
  })

  await using fault = await reboot(cluster, controlPlane)

  const back = apiServerBack(constants.shutdownGracePeriodMs, parseDuration(definition.objectives.nodeBoot))
  const struckAt = journal.now()
  await eventually('the API acknowledges writes again', {
    probe: () => Promise.resolve(writes.acknowledgedSince(struckAt)),
    until: (acknowledged) => acknowledged,
    within: back,
    since: fault.injectedAt,
    describe: (acknowledged) => (acknowledged ? 'a write was acknowledged' : 'no write was acknowledged'),
    diagnose,
  })
  const apiBackAt = journal.now()
  const apiBackWall = Date.now()
  measure('API gap', longestOf(writes.gaps()).ms, 'ms')

  await ledAgain(context, { since: apiBackAt, renewedSince: apiBackWall, within: leasesHeld(), diagnose })

  await eventuallyOrViolate('the cluster is healthy again', {
    probe: () => ailments(cluster),
    until: (found) => found.length === 0,
    within: back,
    since: apiBackAt,
    describe: (found) => found.join('; ') || 'healthy',
    diagnose,
  })

  await writes.stop()
  const missing = await eventually('what was acknowledged is read', {
    probe: () => writes.missing(),
    until: () => true,
    within: back,
    describe: (names) => `${names.length} of ${writes.acknowledged} are missing`,
    diagnose,
  })
  measure('writes acknowledged', writes.acknowledged, '')
  require('every acknowledged write is there', missing.length === 0, () =>
    diagnosis(
      'recovery.write-lost',
      `${missing.length} of ${writes.acknowledged} acknowledged writes are gone: ${missing.join(', ')}`,
    ))
  lasted(`the API was never silent for longer than ${formatDuration(back.ms)}`, writes.gaps(), back, (gap) =>
    diagnosis('recovery.api-unavailable', `no write was acknowledged for ${formatDuration(gap.ms)}`),
  )
})
