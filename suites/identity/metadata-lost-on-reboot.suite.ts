import { bootScenario } from '../../harness/boot-fixtures.ts'
import { judgeSecondBoot } from './second-boot.ts'

/** The metadata service does not answer at the second boot. */
bootScenario('identity.metadata-lost-on-reboot', { boot: 'second', requires: ['reboot', 'etcd-access'] }, (context) =>
  judgeSecondBoot(context, { kind: 'gone' }),
)
