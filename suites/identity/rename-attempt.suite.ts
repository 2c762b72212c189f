import { bootScenario } from '../../harness/boot-fixtures.ts'
import { judgeSecondBoot } from './second-boot.ts'

/** The metadata service gives another name at the second boot; the affected distribution takes it. */
bootScenario(
  'identity.rename-attempt',
  {
    boot: 'second',
    requires: ['reboot', 'etcd-access'],
    expected: ({ identity }) =>
      identity.boot === 'fallback-name'
        ? { outcome: 'violates', diagnosis: 'identity.member-name-mismatch' }
        : undefined,
  },
  (context) => judgeSecondBoot(context, { kind: 'renamed', name: 'another-name' }),
)
