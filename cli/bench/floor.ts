import { stringify } from 'yaml'

import { controlPlaneUp } from '../../harness/providers/assembly.ts'
import { removeObjects } from '../../harness/engine-objects.ts'
import { eventually } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import type { Journal } from '../../harness/journal.ts'
import { ContainerNode } from '../../harness/nodes/container-node.ts'
import { type MachineFile, startMachine } from '../../harness/nodes/machine-container.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { waitOnNode } from '../../harness/nodes/wait-on-node.ts'
import { run as execute } from '../../harness/process.ts'
import { type Run, runLabel } from '../../harness/run.ts'

/** What cannot be started here, and why: that is shown in place of its figures. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

const pki = '/floor/pki'

/** What the API server is given of kubeadm's certificates: etcd is asked without TLS, on the loopback. */
const credentials = ['ca.crt', 'apiserver.crt', 'apiserver.key', 'sa.pub', 'sa.key']

/**
 * etcd and the API server as kubeadm's manifests start them, but for what only others need: no TLS to etcd, no
 * aggregation, no kubelet. Both at once: the API server asks for etcd until it answers.
 */
const program = `#!/bin/bash
etcd --data-dir=/var/lib/etcd &
exec -a kube-apiserver kube --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 \\
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --enable-bootstrap-token-auth=true \\
  --service-cluster-ip-range=10.96.0.0/16 --client-ca-file=${pki}/ca.crt \\
  --tls-cert-file=${pki}/apiserver.crt --tls-private-key-file=${pki}/apiserver.key \\
  --service-account-issuer=https://kubernetes.default.svc.cluster.local \\
  --service-account-key-file=${pki}/sa.pub --service-account-signing-key-file=${pki}/sa.key
`

const readyz = 'curl --insecure --silent --fail --output /dev/null https://127.0.0.1:6443/readyz'

/** Makes the certificates, before anything is timed, with the image's own kubeadm. @throws {Unavailable} */
export async function floorFiles(run: Pick<Run, 'id'>, image: string): Promise<readonly MachineFile[]> {
  const apiVersion = 'kubeadm.k8s.io/v1beta4'
  const configuration = [
    // Nobody asks for the API server there: only the loopback is asked, and whom the certificate is for is not looked at.
    { apiVersion, kind: 'InitConfiguration', localAPIEndpoint: { advertiseAddress: '192.0.2.1' } },
    { apiVersion, kind: 'ClusterConfiguration', encryptionAlgorithm: 'ECDSA-P256', certificatesDir: pki },
  ].map((document) => stringify(document))
  const script =
    'command -v kube etcd >&2 || exit 64; mkdir -p /floor && { cat; echo "kubernetesVersion: $(cat /kind/version)"; } ' +
    `>/floor/config && kubeadm init phase certs all --config /floor/config >&2 && cd ${pki} && tail -n +1 -v ${credentials.join(' ')}`
  const label = `${runLabel}=${run.id}`
  const { stdout, exitCode, stderr } = await execute(
    'docker',
    ['run', '--rm', '--interactive', '--network=none', '--label', label, '--entrypoint=sh', image, '-c', script],
    { input: configuration.join('---\n'), timeoutMs: 60_000, reject: false },
  )
  if (exitCode === 64) throw new Unavailable(`${image} has neither etcd nor an API server outside of container images`)
  if (exitCode !== 0) throw new Error(`no certificates for the floor: ${stderr}`)
  return [{ path: '/floor/start', content: program }, ...filesOf(stdout)]
}

/** What `tail -v` printed of several files: each begins with its name. @throws {Error} where one is missing */
export function filesOf(text: string): MachineFile[] {
  const parts = text.split(/^==> (.+) <==\n/m).slice(1)
  return credentials.map((name) => {
    const content = parts[parts.indexOf(name) + 1]
    if (!parts.includes(name) || content === undefined)
      throw new Error(`no certificates for the floor: ${name} is missing`)
    return { path: `${pki}/${name}`, content: `${content.trim()}\n`, mode: 0o600 }
  })
}

/** A floor that is reached. */
export interface Floor extends AsyncDisposable {
  readonly name: string
  readonly node: ClusterNode
  readonly readyAfterMs: number
}

/**
 * Starts etcd and an API server in one container of the image. What is timed begins before their network is made and
 * ends with the first `/readyz` that says yes: as with a cluster, but for certificates, a kubelet, and all that comes after.
 */
export async function startFloor(
  run: Run,
  journal: Journal,
  { name, image, files }: { readonly name: string; readonly image: string; readonly files: readonly MachineFile[] },
): Promise<Floor> {
  const remove = () => removeObjects({ containers: [name], networks: [name], volumes: [] })
  const node = new ContainerNode(name, ['control-plane', 'etcd'])
  journal.append('cluster', 'image', image)
  const startedAt = journal.append('cluster', 'creating', name, { provider: 'by hand', image }).t
  try {
    await execute('docker', ['network', 'create', '--label', `${runLabel}=${run.id}`, name])
    await startMachine(run, {
      name,
      image,
      network: name,
      files,
      privileged: false,
      // Not all of /var: the images of the components in it are of no use here, and the engine would copy them.
      volumes: ['/var/lib/etcd'],
      entrypoint: ['bash', '/floor/start'],
    })
    journal.append('cluster', 'booted', `node/${name}`)
    await eventually(waitContext({ journal }), `the API server of ${name} is ready`, {
      probe: () => waitOnNode(node, readyz),
      until: (ready) => ready,
      within: controlPlaneUp,
    })
    const readyAfterMs = journal.append('cluster', 'ready', name).t - startedAt
    return { name, node, readyAfterMs, [Symbol.asyncDispose]: remove }
  } catch (error) {
    if (!run.keep) await remove()
    throw error
  }
}
