import { MissingImage } from './images/provide.ts'
import { formatError, UserError } from './user-error.ts'
import type { Verdict } from './verdict.ts'

/**
 * This machine cannot have such a cluster at all, because a part of the distribution cannot be had: nothing failed, and
 * nothing was tried. The scenarios are `skipped`, as where a cluster lacks a capability.
 */
export class UnavailableCluster extends UserError {}

/**
 * What a cluster is made of may be published and not built here: without it there is nothing to test.
 * @param what what this machine cannot have then: `k3s`
 * @throws {UnavailableCluster} in place of `MissingImage`
 */
export async function hadHere<T>(what: string, get: () => Promise<T>): Promise<T> {
  try {
    return await get()
  } catch (cause) {
    if (!(cause instanceof MissingImage)) throw cause
    throw new UnavailableCluster(`this machine cannot have ${what}: ${cause.message}`, { hint: cause.hint, cause })
  }
}

/** Why scenarios have no cluster, and what their verdict is. */
export interface NoCluster {
  readonly outcome: Extract<Verdict['outcome'], 'inconclusive' | 'skipped'>
  readonly reason: string
}

/** What the error that ended the start of a cluster says of its scenarios. */
export function noCluster(error: unknown, options: { readonly debug: boolean }): NoCluster {
  const reason = formatError(error, options)
  if (!(error instanceof UnavailableCluster)) return { outcome: 'inconclusive', reason }
  return { outcome: 'skipped', reason: reason.replace(/^error: /, '') }
}
