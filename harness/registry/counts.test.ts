import { describe, expect, it } from 'vitest'

import type { RegistryRequest } from './access-log.ts'
import { servedBytes, summary } from './counts.ts'

const request: RegistryRequest = {
  at: 10,
  tookMs: 1,
  method: 'GET',
  path: '/v2/a/b/blobs/sha256:1',
  kind: 'blob',
  repository: 'a/b',
  reference: 'sha256:1',
  status: 200,
  bytes: 100,
  from: '10.0.0.2',
}

const requests: RegistryRequest[] = [
  { ...request, method: 'PUT', kind: 'other', status: 201, bytes: 0 },
  request,
  { ...request, status: 206, bytes: 50, from: '10.0.0.3' },
  { ...request, method: 'HEAD', bytes: 0 },
  { ...request, status: 404, bytes: 157 },
  { ...request, kind: 'manifest', reference: 'v1', bytes: 7 },
]

describe('servedBytes', () => {
  it('counts what was sent of manifests and blobs, and no errors', () => {
    expect(servedBytes(requests)).toBe(157)
  })
})

describe('summary', () => {
  it('has the answers to GET by object', () => {
    expect(summary(requests)).toStrictEqual({
      requests: 6,
      bytes: 157,
      objects: {
        'a/b@sha256:1': { gets: 3, failed: 1, bytes: 150, clients: ['10.0.0.2', '10.0.0.3'] },
        'a/b:v1': { gets: 1, failed: 0, bytes: 7, clients: ['10.0.0.2'] },
      },
    })
  })
})
