import { scenariosOf } from '../../harness/fixtures.ts'
import { largePacketsLost, nameServersLost, packetsLost, shareLost } from './network-sabotage.ts'
import { choose, counter, inSeededOrder } from './seeded.ts'

// The way between a worker and the API server, after a reboot.
const afterReboot = await scenariosOf(() => import('../recovery/daemonset-after-reboot.suite.ts'))

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine that hears nothing of the API server', {
  expected: { outcome: 'violates', diagnosis: 'machine.api-unreachable' },
  sabotage: packetsLost('from the API server'),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine whose packets do not reach the API server', {
  expected: { outcome: 'violates', diagnosis: 'machine.api-unreachable' },
  sabotage: packetsLost('to the API server'),
})

const share = choose('share of lost packets', [60, 70, 80])

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine that loses most packets', {
  expected: { outcome: 'violates', diagnosis: 'machine.packet-loss' },
  choice: `${share} %`,
  sabotage: shareLost(share),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a link that takes no large packets', {
  expected: { outcome: 'violates', diagnosis: 'machine.large-packets-lost' },
  sabotage: largePacketsLost,
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine that cannot look up names', {
  expected: { outcome: 'violates', diagnosis: 'machine.name-resolution' },
  sabotage: nameServersLost,
})

inSeededOrder()
