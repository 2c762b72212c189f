import { expect, it } from 'vitest'

import { parseLog } from './container-log.ts'
import { electionEvents } from './election-log.ts'

const at = '2026-11-21T12:51:52.528470123Z'
const one = (text: string) => electionEvents(parseLog(`${at} ${text}\n`))[0]
const time = Date.parse('2026-11-21T12:51:52.528Z')

/** Lines of Spegel v0.0.14 and v0.0.17 as they came from real clusters, the last but one from spegel#339. */
it.each([
  ['I1121 12:50:28.848774       1 leaderelection.go:245] attempting to acquire leader lease spegel/x...', 'acquiring'],
  ['I1121 12:50:28.869569       1 leaderelection.go:255] successfully acquired lease spegel/x', 'acquired'],
  [
    'I1121 12:51:52.528514       1 leaderelection.go:280] failed to renew lease spegel/x: timed out waiting for the condition',
    'lost',
  ],
  ['{"level":"info","logger":"p2p","msg":"leader is self skipping connection to bootstrap node"}', 'self'],
  // client-go from v0.35 on, as Kubernetes 1.35 has it.
  [
    'I1121 12:50:28.848774       1 leaderelection.go:258] "Attempting to acquire leader lease..." lock="a/b"',
    'acquiring',
  ],
  ['I1121 12:50:28.869569       1 leaderelection.go:272] "Successfully acquired lease" lock="a/b"', 'acquired'],
  [
    'I1121 12:51:52.528514       1 leaderelection.go:299] "Failed to renew lease" lock="a/b" err="context deadline exceeded"',
    'lost',
  ],
])('%s', (text, kind) => {
  expect(one(text)).toEqual({ at: time, kind })
})

it.each([
  [
    'E1121 12:51:52.528470       1 leaderelection.go:327] error retrieving resource lock spegel/x: Get "https://10.96.0.1:443/api": context deadline exceeded',
    'Get "https://10.96.0.1:443/api": context deadline exceeded',
  ],
  [
    String.raw`{"level":"error","msg":"error retrieving resource lock system/x: Get \"https://10.10.0.1:443/api\": dial tcp 10.10.0.1:443: i/o timeout\n","stacktrace":"k8s.io/client-go"}`,
    'Get "https://10.10.0.1:443/api": dial tcp 10.10.0.1:443: i/o timeout',
  ],
  [
    'E1121 error initially creating leader election record: leases is forbidden: User "system:serviceaccount:a:b" cannot create',
    'leases is forbidden: User "system:serviceaccount:a:b" cannot create',
  ],
  [
    'E1121 12:51:52.528470       1 leaderelection.go:472] Failed to update lock: leases "x" is forbidden: User "system:serviceaccount:a:b" cannot update',
    'leases "x" is forbidden: User "system:serviceaccount:a:b" cannot update',
  ],
  [
    String.raw`E1121 12:51:52.528470       1 leaderelection.go:361] "Error retrieving lease lock" err="Get \"https://10.96.0.1:443/api\": dial tcp 10.96.0.1:443: i/o timeout" lock="a/b"`,
    'Get "https://10.96.0.1:443/api": dial tcp 10.96.0.1:443: i/o timeout',
  ],
  [
    'E1121 12:51:52.528470       1 leaderelection.go:488] "Failed to update lease" err="leases is forbidden" lock="a/b"',
    'leases is forbidden',
  ],
  [
    '{"time":"t","level":"ERROR","msg":"Error initially creating lease lock","err":"leases is forbidden","lock":"a/b"}',
    'leases is forbidden',
  ],
])('names the error of %s', (text, error) => {
  expect(one(text)).toEqual({ at: time, kind: 'lock-error', error })
})

it.each([
  ['{"time":"t","event":"leading","identity":"elector-x"}', 'acquired'],
  ['{"time":"t","event":"acting","identity":"elector-x","n":3}', 'acting'],
  ['{"time":"t","event":"stopped-leading","identity":"elector-x"}', 'lost'],
])("knows the elector's own line %s", (text, kind) => {
  expect(one(text)).toEqual({ at: time, kind })
})

it("names the error of the elector's own line", () => {
  const error = 'Get "https://10.96.0.1:443/x": dial tcp 10.96.0.1:443: i/o timeout'
  const text = JSON.stringify({
    event: 'acquiring-failed',
    error: `error retrieving resource lock elector/elector: ${error}`,
  })
  expect(one(text)).toEqual({ at: time, kind: 'lock-error', error })
})

it.each([
  'starting p2p router',
  'broken',
  '{"msg": broken',
  // Another was faster, it was told to end, or the slow way comes next: nobody is kept from the lock.
  '{"event":"acquiring-failed","error":"error retrieving resource lock a/b: Get \\"https://x\\": terminated signal received"}',
  'E1121 1 leaderelection.go:361] error retrieving resource lock a/b: Get "https://x": context canceled',
  'E1121 1 leaderelection.go:472] Failed to update lock: Operation cannot be fulfilled: the object has been modified',
  'E1121 1 leaderelection.go:452] error initially creating leader election record: leases "x" already exists',
  'E1121 1 leaderelection.go:441] Failed to update lock optimistically: timed out, falling back to slow path',
  'E1121 1 leaderelection.go:445] "Failed to update lease optimistically, falling back to slow path" err="x" lock="a/b"',
])('is silent on %s', (text) => {
  expect(one(text)).toBeUndefined()
})
