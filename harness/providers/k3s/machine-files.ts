import { stringify } from 'yaml'

import type { MachineFile } from '../../nodes/machine-container.ts'
import type { ClusterDefinition } from '../../topology.ts'
import { closeEgressScript, egressFiles } from './egress.ts'
import { kubeletFile, registriesFile } from './paths.ts'
import { toolFiles } from './tools.ts'

/** What a machine starts instead of k3s. */
export const entrypoint = '/clusterproof/start'

/** Everything that a machine has before its first process runs. */
export function machineFiles(definition: ClusterDefinition, subnet: string): MachineFile[] {
  const registries = registriesOf(definition)
  return [
    { path: entrypoint, content: startScript, mode: 0o755 },
    { path: kubeletFile, content: stringify(kubeletConfiguration(definition)) },
    ...(registries === null ? [] : [{ path: registriesFile, content: stringify(registries) }]),
    ...(definition.network.egress === 'closed' ? egressFiles(definition, subnet) : []),
    ...toolFiles(),
  ]
}

/**
 * `/run` is empty after each start, as on a machine that boots, and `/var/run` is the same folder, as everywhere else;
 * mounts are shared, as k3d has them for mount propagation. k3s replaces the shell and so is process 1: only then does
 * it leave the root of cgroup v2, without which it can give its pods no limits (k3s-io/k3s pkg/cli/cmds/init_linux.go).
 */
const startScript = `#!/bin/sh
set -eu
mkdir -p /var/run
mount -o bind /run /var/run
mount --make-rshared /
[ ! -e ${closeEgressScript} ] || ${closeEgressScript}
exec /bin/k3s "$@"
`

/**
 * KubeletConfiguration beyond k3s' own. A kubelet must not judge the host's disk, which the machines share with
 * everything else there (kind has the same), and images that were brought to a machine must stay on it.
 */
export function kubeletConfiguration({ kubelet }: Pick<ClusterDefinition, 'kubelet'>): Record<string, unknown> {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // Kubernetes 1.35 and later refuse cgroup v1 otherwise.
    failCgroupV1: false,
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
    ...kubelet,
  }
}

/**
 * Content of registries.yaml; null: the machines have none. The embedded mirror serves only registries that are listed
 * there (docs.k3s.io, Embedded Registry Mirror), so that without a list it is given all of them.
 */
export function registriesOf({ k3s }: Pick<ClusterDefinition, 'k3s'>): Record<string, unknown> | null {
  if (k3s.registries !== undefined) return k3s.registries
  return k3s.embeddedRegistry ? { mirrors: { '*': null } } : null
}
