import { readDefinition } from '../harness/definition-file.ts'
import type { ClusterDefinition } from '../harness/topology.ts'
import { UserError } from '../harness/user-error.ts'
import impatientSplit from './impatient-split.ts'
import impatient from './impatient.ts'
import k3s from './k3s.ts'
import k3sMirror from './k3s-mirror.ts'
import k3sSplit from './k3s-split.ts'
import joining from './joining.ts'
import kind from './kind.ts'
import kubeadm from './kubeadm.ts'
import lone from './lone.ts'
import policed from './policed.ts'
import split from './split.ts'
import stackedHa from './stacked-ha.ts'
import standby from './standby.ts'

const kubeadmClusters = [joining, kubeadm, lone, policed, split, impatientSplit, stackedHa, standby]
const all = [kind, impatient, kubeadmClusters, k3s, k3sMirror, k3sSplit].flat()

/** The definitions that have a name. */
export const named: ReadonlyMap<string, ClusterDefinition> = new Map(
  all.map((definition) => [definition.name, definition]),
)

/** What `npm start` and `npm test` run on unless they are told otherwise. */
export const defaultCluster = kind

/** What the counter-tests run on. */
export const counterCluster = impatient

/** What is asked only of clusters with split roles runs on this one, and its counter-tests on the other. */
export const splitCluster = split
/** Who joins and leaves does it here. */
export const joiningCluster = joining
export const splitCounterCluster = impatientSplit

/** Elections behind policies; those of the control plane itself; mirrors that stay, that grow, and k3s' own. */
export const policedCluster = policed
export const standbyCluster = standby
export const mirrorCluster = kubeadm
export const growingCluster = lone
export const embeddedMirrorCluster = k3sMirror

/**
 * The definition of that name, or the one in that file.
 * @throws {UserError} with exit code 2
 */
export function resolveCluster(reference: string): ClusterDefinition {
  const found = named.get(reference)
  if (found !== undefined) return found
  if (/[./]/.test(reference)) return readDefinition(reference)
  const names = [...named.keys()].join(', ')
  const hint = `The named definitions are: ${names}. A file is given by its path, such as ./${reference}.yaml.`
  throw new UserError(`there is no cluster definition named ${reference}`, { exitCode: 2, hint })
}
