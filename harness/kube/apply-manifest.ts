import { parseAllDocuments } from 'yaml'

import type { KubeApi, KubeObject } from './api.ts'

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[]
}

/** Applies every object of a manifest (YAML documents), as {@link applyObjects} does. */
export async function applyManifest(api: KubeApi, manifest: string): Promise<void> {
  const objects = parseAllDocuments(manifest)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null)
  await applyObjects(api, objects)
}

/**
 * Applies objects by server-side apply, one after the other; the API is asked for the paths of their kinds.
 * @throws {KubeApiError}
 * @throws {RangeError} where the API has no such kind
 */
export async function applyObjects(api: KubeApi, objects: readonly KubeObject[]): Promise<void> {
  const groups = new Map(
    await Promise.all(
      [...new Set(objects.map(({ apiVersion }) => apiVersion))].map(
        async (version) => [version, await api.get<ResourceList>(groupPath(version))] as const,
      ),
    ),
  )
  for (const object of objects) await api.apply(objectPath(object, groups.get(object.apiVersion)), object)
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

function objectPath({ apiVersion, kind, metadata }: KubeObject, list: ResourceList | undefined): string {
  // A subresource, such as `deployments/scale`, may have the same kind.
  const resource = list?.resources.find((candidate) => candidate.kind === kind && !candidate.name.includes('/'))
  if (resource === undefined) throw new RangeError(`the API has no ${kind} in ${apiVersion}`)
  const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : ''
  return `${groupPath(apiVersion)}${namespace}/${resource.name}/${metadata.name}`
}
