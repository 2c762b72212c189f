import { nodeReadyAfterReboot } from '../../harness/budgets/boot.ts'
import { daemonSetBackoff } from '../../harness/budgets/daemonset.ts'
import { findNode } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { parseDuration } from '../../harness/duration.ts'
import { reboot } from '../../harness/faults/reboot.ts'
import { scenario } from '../../harness/fixtures.ts'

scenario('recovery.daemonset-after-reboot', async ({ cluster, eventually }) => {
  const worker = findNode(cluster, { role: 'worker' })
  await using fault = await reboot(cluster, worker)
  console.log(fault.injectedAt, nodeReadyAfterReboot, daemonSetBackoff, diagnosis, diagnoseRecovery, parseDuration, eventually)
})
