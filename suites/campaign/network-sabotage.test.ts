import { expect, it } from 'vitest'

import { loading } from './network-sabotage.ts'

it('puts its rules in the place of those that a start before it left', () => {
  expect(loading({ input: ['counter drop'] })).toBe(`nft -f - <<'RULES'
table inet clusterproof-sabotage
delete table inet clusterproof-sabotage
table inet clusterproof-sabotage {
  chain input {
    type filter hook input priority -20; policy accept;
    counter drop
  }
}
RULES
`)
})
