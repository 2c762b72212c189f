import fc from 'fast-check'
import { expect, it } from 'vitest'

import { leaseRenewed, nodeReadyAfterReboot } from './boot.ts'
import { apiServerBack, leasesHeld } from './control-plane.ts'

it('a control plane answers 15 s after its node could be Ready: its pods start, one of them twice', () => {
  fc.assert(
    fc.property(fc.nat(600_000), fc.nat(600_000), (grace, boot) => {
      expect(apiServerBack(grace, boot).ms - nodeReadyAfterReboot(grace, boot).ms).toBe(15_000)
    }),
  )
})

it("the controllers lead again within a back-off, a lease, a renewal, and a retry of client-go's", () => {
  expect(leasesHeld().ms).toBe(10_000 + 15_000 + 10_000 + 2_400)
})

it('a kubelet renews its lease four times in its term, and tries again within 7 s', () => {
  expect(leaseRenewed.ms).toBe(40_000 / 4 + 7_000)
})
