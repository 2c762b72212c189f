import type { Diagnosis } from '../verdict.ts'
import type { CatalogEntry } from './catalog-entry.ts'
import { componentEntries } from './catalog-component.ts'
import { electionEntries } from './catalog-election.ts'
import { etcdEntries } from './catalog-etcd.ts'
import { identityEntries } from './catalog-identity.ts'
import { joinEntries } from './catalog-join.ts'
import { machineEntries } from './catalog-machine.ts'
import { mirrorEntries } from './catalog-mirror.ts'
import { recoveryEntries } from './catalog-recovery.ts'
import { roleEntries } from './catalog-roles.ts'

/** Every diagnosis that a verdict may have, by its code. */
export const catalog = {
  ...recoveryEntries,
  ...machineEntries,
  ...componentEntries,
  ...electionEntries,
  ...etcdEntries,
  ...joinEntries,
  ...mirrorEntries,
  ...roleEntries,
  ...identityEntries,
} as const satisfies Record<string, CatalogEntry>

export type DiagnosisCode = keyof typeof catalog

/** All codes, those of a suite beside each other. */
// The catalog's own type has just these keys.
export const diagnosisCodes = Object.keys(catalog) as DiagnosisCode[]

/** A diagnosis of this code, with what was seen in this run. */
export function diagnosis(code: DiagnosisCode, summary: string): Diagnosis {
  const { remedies, upstream } = catalog[code]
  return { code, summary, remedies: remedies.map(({ text }) => text), upstream: [...upstream] }
}
