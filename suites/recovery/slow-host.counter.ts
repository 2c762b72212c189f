import { counter, scenariosOf } from '../../harness/fixtures.ts'
import { slowHost } from './sabotage.ts'

// In a file of its own: it takes the processors from everything else, so that it runs alone (vitest.config.ts).
const afterReboot = await scenariosOf(() => import('./daemonset-after-reboot.suite.ts'))

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a host made slow on purpose', {
  expected: { outcome: 'inconclusive', diagnosis: '', reason: 'processors' },
  sabotage: slowHost,
})
