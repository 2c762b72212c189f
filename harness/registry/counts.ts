import { delivered, type RegistryRequest } from './access-log.ts'

/** Bytes of manifests and blobs in these answers. */
export function servedBytes(
  requests: readonly Pick<RegistryRequest, 'kind' | 'method' | 'status' | 'bytes'>[],
): number {
  return requests
    .filter((request) => request.kind !== 'other' && delivered(request))
    .reduce((sum, { bytes }) => sum + bytes, 0)
}

/** What a registry was asked for in all, for the journal: per repository and object the answers and their bytes. */
export function summary(requests: readonly RegistryRequest[]) {
  const objects = new Map<string, { gets: number; failed: number; bytes: number; clients: string[] }>()
  for (const request of requests) {
    const { kind, method, repository, reference, bytes, from } = request
    if (kind === 'other' || method !== 'GET') continue
    const key = `${repository}${reference?.includes(':') ? '@' : ':'}${reference}`
    const object = objects.get(key) ?? { gets: 0, failed: 0, bytes: 0, clients: [] }
    object.gets += 1
    if (delivered(request)) object.bytes += bytes
    else object.failed += 1
    if (!object.clients.includes(from)) object.clients.push(from)
    objects.set(key, object)
  }
  return { requests: requests.length, bytes: servedBytes(requests), objects: Object.fromEntries(objects) }
}
