import { parse, stringify } from 'yaml'
import { z } from 'zod'

import { budget } from '../../harness/budgets/budget.ts'
import { findNode, type StartedCluster } from '../../harness/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { mendMachine, onWorker, shell, writeFile } from './machine-sabotage.ts'

// kubeadm makes certificates that are valid for one second: no other program is needed on the machine, and a second later
// they are what a certificate is that nobody has renewed.

/** As long as a certificate is valid here, in seconds. */
const validSeconds = 1
const over = budget({ name: 'the certificate runs out', ms: 10_000, source: 'harness: it is valid for a second' })

const configuration = '/etc/kubernetes/clusterproof-sabotage.yaml'
const shortLived = '/etc/kubernetes/clusterproof-sabotage-pki'

/** kubeadm's configuration: the certificates of that folder, for a second. */
function kubeadmConfiguration({ distribution }: StartedCluster): string {
  return stringify({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    kubernetesVersion: distribution.kubernetes,
    certificatesDir: shortLived,
    certificateValidityPeriod: `${validSeconds}s`,
    encryptionAlgorithm: 'ECDSA-P256',
  })
}

const taken = [shortLived, configuration].join(' ')

/** A client certificate and its key that are valid for a second, as base64 of PEM, as kubeconfigs have them. */
interface ShortIdentity {
  readonly certificate: string
  readonly key: string
}

const kubeconfigSchema = z.object({
  users: z
    .array(z.object({ user: z.object({ 'client-certificate-data': z.string(), 'client-key-data': z.string() }) }))
    .min(1),
})

/** Has one made by the cluster's authority, on a control plane. */
async function shortIdentity(cluster: StartedCluster, name: string, group: string | null): Promise<ShortIdentity> {
  const node = findNode(cluster, { role: 'control-plane' })
  // The authority itself is the cluster's own.
  const config = kubeadmConfiguration(cluster).replace(shortLived, '/etc/kubernetes/pki')
  await writeFile(node, configuration, config)
  const groups = group === null ? [] : ['--org', group]
  const identity = ['--client-name', name, ...groups, '--validity-period', `${validSeconds}s`]
  const { stdout } = await node.exec(['kubeadm', 'kubeconfig', 'user', '--config', configuration, ...identity])
  await node.exec(['rm', '-f', configuration])
  const { users } = kubeconfigSchema.parse(parse(stdout))
  const user = users[0]?.user
  return { certificate: user?.['client-certificate-data'] ?? '', key: user?.['client-key-data'] ?? '' }
}

const kubeletPair = '/var/lib/kubelet/pki/kubelet-client-current.pem'

/** The worker's kubelet goes on with what it has in memory, and finds at its next start what has run out. */
export const kubeletExpired: Sabotage = onWorker({
  strike: async (cluster, node) => {
    const { certificate, key } = await shortIdentity(cluster, `system:node:${node.name}`, 'system:nodes')
    const pem = [certificate, key].map((text) => Buffer.from(text, 'base64').toString('utf8')).join('')
    await shell(node, `mv ${kubeletPair} ${kubeletPair}.saved`)
    await writeFile(node, kubeletPair, pem)
  },
  mend: `[ ! -e ${kubeletPair}.saved ] || mv -f ${kubeletPair}.saved ${kubeletPair}`,
})

const kubeletFile = '/etc/kubernetes/kubelet.conf'
const otherAuthority = '/run/clusterproof-sabotage'

/** The worker's kubelet believes in an authority that is not the cluster's. */
export const authorityUnknown: Sabotage = onWorker({
  strike: async ({ distribution }, node) => {
    const version = ['--kubernetes-version', distribution.kubernetes]
    await node.exec(['kubeadm', 'init', 'phase', 'certs', 'ca', '--cert-dir', otherAuthority, ...version])
    const data = `$(base64 -w 0 ${otherAuthority}/ca.crt)`
    const replace = `s|certificate-authority-data: .*|certificate-authority-data: ${data}|`
    await shell(node, `cp -p ${kubeletFile} ${kubeletFile}.saved; sed -i "${replace}" ${kubeletFile}`)
  },
  mend: `[ ! -f ${kubeletFile}.saved ] || mv -f ${kubeletFile}.saved ${kubeletFile}; rm -rf ${otherAuthority}`,
})

const schedulerFile = '/etc/kubernetes/scheduler.conf'

/** kube-scheduler reads its kubeconfig at its start. */
export const schedulerExpired: Sabotage = async (cluster) => {
  const node = findNode(cluster, { role: 'control-plane' })
  const { certificate, key } = await shortIdentity(cluster, 'system:kube-scheduler', null)
  const { stdout } = await node.exec(['cat', schedulerFile])
  const text = stdout
    .replace(/client-certificate-data: .*/, `client-certificate-data: ${certificate}`)
    .replace(/client-key-data: .*/, `client-key-data: ${key}`)
  await shell(node, `cp -p ${schedulerFile} ${schedulerFile}.saved`)
  await writeFile(node, schedulerFile, text)
  return undo(cluster, async () => {
    await shell(node, `mv -f ${schedulerFile}.saved ${schedulerFile}; pkill -x kube-scheduler || true`)
    await mendMachine(node)
  })
}

/** The pairs of a control plane by the names that `kubeadm certs renew` has for them. */
const pairs = {
  apiserver: 'apiserver',
  'apiserver-etcd-client': 'apiserver-etcd-client',
  'etcd-server': 'etcd/server',
} as const

/**
 * A pair of a control plane has run out when its machine comes back from a reboot. It is made before, beside the others,
 * and takes its place as the machine is about to reboot: components read such files anew while they run.
 */
export function pairExpired(name: keyof typeof pairs): Sabotage {
  return async (cluster) => {
    const node = findNode(cluster, { role: 'control-plane' })
    const pair = pairs[name]
    await writeFile(node, configuration, kubeadmConfiguration(cluster))
    await shell(node, `rm -rf ${shortLived}; cp -a /etc/kubernetes/pki ${shortLived}`)
    await node.exec(['kubeadm', 'certs', 'renew', name, '--config', configuration])
    await runsOut(cluster, node, `${shortLived}/${pair}.crt`)
    const swap = 'for end in crt key; do cp -p "$1.$end" "$1.$end.saved"; cp -p "$2.$end" "$1.$end"; done'
    const own = `/etc/kubernetes/pki/${pair}`
    const armed = when(cluster, faultIs('injecting', 'reboot', node), () =>
      shell(node, swap, [own, `${shortLived}/${pair}`]),
    )
    return undo(cluster, async () => {
      armed[Symbol.dispose]()
      const back = `for end in crt key; do [ ! -f ${own}.$end.saved ] || mv -f ${own}.$end.saved ${own}.$end; done`
      // One that is asked to end stays for what it waits for; without etcd that hangs, and so does a kubelet that asks it,
      // for a minute in which it starts neither.
      await mendMachine(node, `${back}; rm -rf ${taken}; pkill -KILL -x kube-apiserver; pkill -KILL -x etcd`)
    })
  }
}

/** Before it has run out it would be good for what is said of it at once. */
async function runsOut(cluster: StartedCluster, node: ClusterNode, file: string): Promise<void> {
  const writtenAt = cluster.journal.now()
  await eventually(waitContext(cluster), `${file} on ${node.name} runs out`, {
    probe: () => Promise.resolve(cluster.journal.now() - writtenAt),
    until: (age) => age > (validSeconds + 1) * 1_000,
    within: over,
  })
}
