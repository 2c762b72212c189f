import { expect, it } from 'vitest'

import { isCounterTest, placeOf } from './seed-failures.ts'

it.each([
  ['election.api-egress-blocked-v0.0.17-policy', '1'],
  ['election.rbac-missing', '1'],
  ['mirror.stale-leader-v0.0.14', '2'],
  ['mirror.embedded', '2'],
  ['identity.metadata-late', '3'],
  ['roles.inventory-role-blind', '4'],
  ['recovery.reboot-storm', '5'],
  ['recovery.remedy.second-worker', '5'],
])('%s belongs to field failure %s', (scenario, number) => {
  const { epic, isSeed } = placeOf(scenario)
  expect(epic).toMatch(new RegExp(`^${number} · `))
  expect(isSeed).toBe(true)
})

it.each(['recovery.power-cut', 'roles.etcd-one-down', 'join.worker', 'leave.worker', 'mirror.pull-through'])(
  '%s belongs to none of them',
  (scenario) => {
    const { epic, isSeed } = placeOf(scenario)
    expect(epic).not.toMatch(/^\d/)
    expect(isSeed).toBe(false)
  },
)

it('has a counter-test beside its scenario', () => {
  const counterTest = 'mirror.scale-in against a lock that another holds'
  expect(placeOf(counterTest)).toEqual(placeOf('mirror.scale-in'))
  expect(isCounterTest(counterTest)).toBe(true)
  expect(isCounterTest('mirror.scale-in')).toBe(false)
})

it('takes a suite that it does not know for its own epic', () => {
  expect(placeOf('storage.detached')).toEqual({
    epic: 'storage',
    feature: 'storage',
    story: 'storage.detached',
    isSeed: false,
  })
})
