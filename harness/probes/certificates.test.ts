import { expect, it } from 'vitest'

import { invalidCertificates, validities } from './certificates.ts'

// Made once, with no key kept: CN=clusterproof, valid for one day of 2020.
const pem = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBFDCBvAIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxjbHVzdGVycHJvb2Yw',
  'HhcNMjAwMTAxMDAwMDAwWhcNMjAwMTAyMDAwMDAwWjAXMRUwEwYDVQQDDAxjbHVz',
  'dGVycHJvb2YwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATj4Id+K4idHWlngdsa',
  'wbgknQmCnJ5AvFxDEcmT0r8RAuEq+SN1pq31Syb6uf5tacS+YTrdMuqqqwMIA52X',
  'nLDZMAoGCCqGSM49BAMCA0cAMEQCICLHz2/iTJuKczVWN3GepRSYtQbqAOmDNVMj',
  '2azXvkF0AiABi2YROTgy7E7+ghB/HA6zJAbkcA2+u8t6dmA2vrnnMg==',
  '-----END CERTIFICATE-----',
].join('\n')

it('reads how long each certificate in a text is valid, by its file', () => {
  const text = `noise\n-- /a.crt\n${pem}\n-- /b.crt\nno certificate\n\n-- /c.conf\n${pem}\n${pem}\n`
  expect(validities(text).map(({ file }) => file)).toEqual(['/a.crt', '/c.conf', '/c.conf'])
  expect(validities(text)[0]).toEqual({ file: '/a.crt', from: Date.UTC(2020, 0, 1), to: Date.UTC(2020, 0, 2) })
})

it('leaves out a block that is none', () => {
  expect(validities('-- /a.crt\n-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n')).toEqual([])
})

it.each([
  [99, ['/a is valid from 1970-01-01T00:00:00.100Z on only']],
  [100, []],
  [200, []],
  [201, ['/a has expired at 1970-01-01T00:00:00.200Z']],
])('says at %i ms what is not valid', (now, expected) => {
  expect(invalidCertificates([{ file: '/a', from: 100, to: 200 }], now)).toEqual(expected)
})
