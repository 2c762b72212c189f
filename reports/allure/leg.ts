import type { JournalRecord } from '../../harness/journal.ts'
import type { Verdict } from '../../harness/verdict.ts'

/** What the journal says of the cluster that a file of scenarios ran on. */
export interface ClusterStart {
  /** Such as `1 control-plane + 2 workers`; null: the journal does not say. */
  readonly topology: string | null
  /** Which way the machines' image came; null: the journal does not say, or there was none to get. */
  readonly imageOrigin: 'archive' | 'pull' | 'build' | 'engine' | null
}

export interface Parameter {
  readonly name: string
  readonly value: string
}

/**
 * What tells one leg of a matrix from another. Allure takes two results of the same scenario with the same parameters for
 * one test and its retry, and the legs of a matrix are not that.
 */
export function legParameters(
  { cluster, distribution }: Pick<Verdict, 'cluster' | 'distribution'>,
  { topology, imageOrigin }: ClusterStart,
): Parameter[] {
  const all = {
    cluster,
    distribution: `${distribution.name} ${distribution.version}`.trim(),
    kubernetes: distribution.kubernetes,
    topology: topology ?? '',
    'image origin': imageOrigin ?? '',
  }
  return Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [{ name, value }]))
}

export const unknownStart: ClusterStart = { topology: null, imageOrigin: null }

/** What is known of the cluster once this record has been read too: of two clusters in one journal the first counts. */
export function learn(known: ClusterStart, { source, kind, data }: JournalRecord): ClusterStart {
  if (source !== 'cluster' || typeof data !== 'object' || data === null) return known
  if (kind === 'starting' && known.topology === null && 'nodes' in data && Array.isArray(data.nodes)) {
    return { ...known, topology: topologyText(data.nodes.map(rolesOf)) }
  }
  if (kind === 'image' && known.imageOrigin === null && 'from' in data && typeof data.from === 'string') {
    return { ...known, imageOrigin: originOf(data.from) }
  }
  return known
}

/** `1 control-plane + 2 workers`, `3 etcd + 1 control-plane`: machines by what they are, in the order of the definition. */
export function topologyText(machines: readonly (readonly string[])[]): string {
  const counts = new Map<string, number>()
  for (const machine of machines) {
    const name = machineName(machine)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => `${count} ${name}${name === 'worker' && count > 1 ? 's' : ''}`).join(' + ')
}

/** A control plane has etcd unless other machines have it: of both roles the first names it. */
function machineName(roles: readonly string[]): string {
  const named = roles.filter((role) => role !== 'etcd' || !roles.includes('control-plane'))
  return named.join('/') || 'machine'
}

function rolesOf(node: unknown): string[] {
  const roles: unknown = typeof node === 'object' && node !== null && 'roles' in node ? node.roles : []
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : []
}

/** Out of the words of harness/images/ways.ts. */
function originOf(from: string): ClusterStart['imageOrigin'] {
  if (from.startsWith('from the engine')) return 'engine'
  if (from.startsWith('from the archive')) return 'archive'
  if (from.startsWith('pulled')) return 'pull'
  return from.startsWith('built') ? 'build' : null
}
