import { expect, it } from 'vitest'

import { parsePeers } from './mirror-instances.ts'

it("takes other pods' ends of the peers' connections, each once", () => {
  const table = `0      0         10.244.0.8:5001   10.244.1.6:5001
0      0         10.244.0.8:40112  10.244.1.6:5001
0      0      [::ffff:10.244.0.8]:5001  [::ffff:10.244.2.9]:41000
0      0         10.244.0.8:5001   10.244.0.8:40000
0      0         10.244.0.8:55406  10.96.0.1:443
`
  expect(parsePeers(table, '10.244.0.8', 5001)).toEqual(['10.244.1.6', '10.244.2.9'])
  expect(parsePeers('', '10.244.0.8', 5001)).toEqual([])
})
