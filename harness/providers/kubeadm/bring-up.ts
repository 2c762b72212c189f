import { budget } from '../../budgets/budget.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
import type { KubeApi, KubeList } from '../../kube/api.ts'
import { applyManifest } from '../../kube/apply-manifest.ts'
import type { Pod } from '../../kube/types.ts'
import type { ClusterNode, ExecOptions } from '../../nodes/node.ts'
import { waitOnNode } from '../../nodes/wait-on-node.ts'
import { CommandError, type RunResult } from '../../process.ts'
import { UserError } from '../../user-error.ts'
import { memberHealth } from '../../probes/etcd.ts'
import { controlPlaneUp, kubeadmEtcdLayout } from '../assembly.ts'
import type { ProviderContext } from '../provider.ts'
import {
  type Authority,
  giveClientCertificate,
  equipMember,
  givenAuthority,
  makeAuthority,
  write,
  writeFiles,
  written,
} from './certificates.ts'
import { clientUrl, etcdSettings, etcdSettingsFile, type InitialCluster } from './etcd-member.ts'
import {
  discoveryFile,
  etcdCertificateConfiguration,
  type JoinCredentials,
  joinConfiguration,
} from './kubeadm-config.ts'
import type { ClusterPlan, Machine } from './plan.ts'

/** A machine that runs, with its part in the plan. */
export interface RunningMachine {
  readonly machine: Machine
  readonly node: ClusterNode
}

/** A machine that has booted, and the name that it came to: what is asked for once is asked for then. */
export interface BootedMachine extends RunningMachine {
  readonly hostname: string
}

/** kubeadm's own limit for the control plane, and as much again for what comes after it. */
export const kubeadmLimitMs = 8 * 60_000

export const kubeadmFile = '/kind/kubeadm.conf'

const etcdAnswers = budget(
  { name: 'etcd dial timeout', ms: 20_000, source: 'kube-apiserver storage/storagebackend/factory: dialTimeout' },
  { name: 'elections', ms: 10_000, source: 'etcd election-timeout 1 s, ten of them' },
)

/** Makes or takes the authority of an external etcd and gives every machine what it needs of it. */
export async function distributeEtcdCertificates(
  plan: ClusterPlan,
  members: readonly BootedMachine[],
  controlPlanes: readonly BootedMachine[],
  kubernetes: string,
): Promise<Authority> {
  const [first] = members
  if (first === undefined) throw new RangeError(`${plan.name} has no machine for etcd`)
  const config = ({ machine, hostname }: BootedMachine) => etcdCertificateConfiguration(machine, hostname, kubernetes)
  const authority = givenAuthority(plan.definition) ?? (await makeAuthority(first.node, config(first)))
  await Promise.all([
    ...members.map((member) => equipMember(member.node, authority, config(member))),
    ...controlPlanes.map((host) => giveClientCertificate(host.node, authority, config(host))),
  ])
  return authority
}

/** Starts the members of a new cluster, all at once, and waits until they have a quorum. */
export async function startEtcd(
  plan: ClusterPlan,
  members: readonly BootedMachine[],
  context: Pick<ProviderContext, 'journal'>,
): Promise<void> {
  const named = members.map(({ machine, hostname }) => ({ name: hostname, host: machine.name }))
  const cluster: InitialCluster = { state: 'new', members: named, token: plan.name }
  await Promise.all(members.map((member) => startMember(member, cluster)))
  await Promise.all(members.map((member) => awaitMember(member, context)))
}

export async function startMember({ machine, node }: RunningMachine, cluster: InitialCluster): Promise<void> {
  await write(node, etcdSettingsFile, etcdSettings(machine, cluster))
  await node.exec(['systemctl', 'start', '--no-block', 'etcd'])
}

/** @throws {UserError} where the member does not say in time that it is well: with what it said last, and its unit */
export async function awaitMember(
  { machine, node }: RunningMachine,
  context: Pick<ProviderContext, 'journal'>,
  { serializable = false }: { readonly serializable?: boolean } = {},
): Promise<void> {
  const layout = kubeadmEtcdLayout('etcd')
  try {
    await eventually(waitContext(context), `etcd on ${machine.name} answers`, {
      probe: async () => {
        // systemd is told by etcd itself that it serves; until then asking it costs more than it tells.
        await waitOnNode(node, 'systemctl is-active --quiet etcd')
        return memberHealth({ etcd: layout }, node)
      },
      // A learner serves what it has itself, and nothing that needs the others.
      until: (health) => (serializable ? health.serializable : health.healthy),
      within: etcdAnswers,
    })
  } catch (cause) {
    throw new UserError(`the external etcd at ${clientUrl(machine.name)} does not answer: ${await lastWords(node)}`, {
      exitCode: 3,
      hint: 'components.etcd.extraArgs and etcd.authority of the definition are what this etcd was given.',
      cause,
    })
  }
}

/** What the unit is, and what etcd said of it: not its usage, which it prints after a wrong flag. */
async function lastWords(node: ClusterNode): Promise<string> {
  const [state, log] = await Promise.all([
    node.exec(['systemctl', 'is-active', 'etcd'], { reject: false }),
    node.exec(['journalctl', '--no-pager', '--output=cat', '--unit=etcd', '--lines=400'], { reject: false }),
  ])
  const complaints = log.stdout
    .split('\n')
    .filter((line) => /"level":"(?:error|fatal|panic)"|not defined|invalid|unknown|no such file|refused/i.test(line))
    .map((line) => line.trim())
  const said = [...new Set(complaints)].slice(0, 3)
  return [`etcd.service is ${state.stdout.trim() || 'unknown'}`, ...said].join('\n  ')
}

/**
 * Sees to it that the API has the Pod of a member of etcd: `kubeadm join` of a control plane looks for one, for a minute. A
 * kubelet that had no API when it started etcd makes that Pod when it next looks at it, which may be 90 s later
 * (syncFrequency 1m and half of it), or at its own start.
 */
export async function showEtcd(plan: ClusterPlan, { node }: RunningMachine, api: KubeApi): Promise<void> {
  if (plan.externalEtcd) return
  const query = 'labelSelector=component%3Detcd&limit=1'
  const { items } = await api.get<KubeList<Pod>>(`/api/v1/namespaces/kube-system/pods?${query}`)
  if (items.length === 0) await node.exec(['systemctl', 'restart', 'kubelet'])
}

const joinScript = `${writeFiles}\nexec kubeadm join --config "$1"`

/**
 * Runs `kubeadm join`.
 * @throws {UserError} where the API server does not know the token
 */
export async function joinMachine(
  plan: ClusterPlan,
  { machine, node, hostname }: BootedMachine,
  how: JoinCredentials = {},
): Promise<void> {
  const files = [
    ...(how.discovery === undefined ? [] : [{ path: discoveryFile, content: how.discovery }]),
    { path: kubeadmFile, content: joinConfiguration(plan, machine, hostname, how) },
  ]
  const { words, input } = written(files)
  await kubeadm(node, ['sh', '-c', joinScript, 'sh', ...words, kubeadmFile], { input })
}

/** Runs kubeadm, or a script with it, for as long as that may take. @throws {UserError} where a token is not known */
export async function kubeadm(
  node: ClusterNode,
  command: readonly [string, ...string[]],
  options: Pick<ExecOptions, 'input'> = {},
): Promise<RunResult> {
  try {
    return await node.exec(command, { timeoutMs: kubeadmLimitMs, ...options })
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause
    const said = `${cause.stdout}\n${cause.stderr}`
    const stale = /could not find a JWS signature in the cluster-info ConfigMap for token ID "([a-z0-9]+)"/.exec(said)
    if (stale !== null) {
      throw new UserError(`${node.name} cannot join: the cluster does not know the bootstrap token ${stale[1]}.…`, {
        exitCode: 2,
        hint: 'It has expired or was deleted. Make a new one (kubeadm token create), or leave the token out.',
        cause,
      })
    }
    throw cause
  }
}

/** The pod network, once the API answers; the node image says what it is made of. */
export async function applyPodNetwork(api: KubeApi, node: ClusterNode): Promise<void> {
  const { stdout } = await node.exec(['cat', '/kind/manifests/default-cni.yaml'])
  await applyManifest(api, stdout.replaceAll(/\{\{ *\.PodSubnet *\}\}/g, '10.244.0.0/16'))
}

/** Waits until the API is ready, and its administrator has been given rights. */
export async function awaitApi(api: KubeApi, name: string, context: Pick<ProviderContext, 'journal'>): Promise<void> {
  await eventually(waitContext(context), `the API of ${name} answers`, {
    probe: async (signal) => {
      await api.text('/readyz', { signal })
      await api.get('/api/v1/nodes?limit=1', { signal })
      return true
    },
    until: (ready) => ready,
    within: controlPlaneUp,
  })
}
