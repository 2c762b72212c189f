import { bootCounter } from '../../harness/boot-fixtures.ts'
import { knownHostnameFile } from '../../harness/identity/boot-log.ts'
import { judgeSecondBoot } from './second-boot.ts'

bootCounter(
  'identity.metadata-lost-on-reboot',
  'machines that forget the names that they had',
  async (context) => judgeSecondBoot(context, { kind: 'gone' }),
  {
    expected: { outcome: 'violates', diagnosis: 'identity.member-name-mismatch' },
    on: ({ identity }) => identity.boot === 'fallback-name',
    sabotage: async ({ nodes }) => {
      await Promise.all(nodes.map((node) => node.exec(['rm', knownHostnameFile])))
      return { [Symbol.asyncDispose]: () => Promise.resolve() }
    },
  },
)
