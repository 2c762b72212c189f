import { budget } from '../../budgets/budget.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
import type { KubeApi, KubeList } from '../../kube/api.ts'
import type { Node } from '../../kube/types.ts'
import { UserError } from '../../user-error.ts'
import { controlPlaneUp } from '../assembly.ts'
import type { ProviderContext } from '../provider.ts'
import { kubeadm, kubeadmFile, kubeadmLimitMs, type RunningMachine } from './bring-up.ts'
import { clientUrl } from './etcd-member.ts'
import { initConfiguration, kubernetesOfImage, skippedPhases } from './kubeadm-config.ts'
import { apiServerPort, type ClusterPlan } from './plan.ts'

// `kubeadm init` in parts, each as early as it can be: its files while the machine boots, the components in the order in
// which they need each other, the rest as soon as the API server answers, and CoreDNS once a node takes it. A component that starts before what it
// needs fails, and waits before it tries again: an API server for the first connection to etcd (1 s, gRPC), the
// controller-manager and the scheduler for their locks (2 to 4 s), the kubelet for its Node (up to 7 s). What comes of it
// is what `kubeadm init` makes, and every setting is kubeadm's own.

const manifests = '/etc/kubernetes/manifests'
/** Beside the manifests: the kubelet takes every file among them for one. */
const held = '/etc/kubernetes/held'
const pki = '/etc/kubernetes/pki'

/**
 * kubeadm finds no systemctl, and so leaves the kubelet alone: it is started once, with everything in its place. Its
 * certificate is put where kubelet-finalize, which otherwise restarts it at the end of `kubeadm init`, has it read from.
 */
const prepare = `
set -eu
version=$(cat /kind/version)
( umask 077; sed "s/${kubernetesOfImage}/$version/" >"$1" )
kubeadm=$(command -v kubeadm)
own() { PATH=/nowhere "$kubeadm" init --config "$1" --skip-phases="$2" >&2; }
own "$1" "$2"
mkdir -p ${held}
for name in kube-apiserver kube-controller-manager kube-scheduler; do
  [ ! -f "${manifests}/$name.yaml" ] || mv "${manifests}/$name.yaml" ${held}/
done
folder=/var/lib/kubelet/pki
mkdir -p $folder
pair=$folder/kubelet-client-$(date -u +%Y-%m-%d-%H-%M-%S).pem
( umask 077
  for part in certificate key; do
    sed -n "s/^ *client-$part-data: *//p" /etc/kubernetes/kubelet.conf | base64 -d
  done >"$pair" )
ln -sf "$pair" $folder/kubelet-client-current.pem
own "$1" "$3"
echo "$version"
cat /etc/kubernetes/admin.conf
`

/**
 * Prints what the API server answers: 000 while there is no answer, 403 before it has made its own roles. Whoever asks for
 * a lock before that is refused.
 */
const asking = `
asked() { curl --insecure --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "https://$1:${apiServerPort}/readyz" || true; }
`

/** `$1`: the machine's address; `$2`, `$3`: certificate and key to ask etcd with; `$4`: where. */
const startScript = `
set -eu
systemctl start kubelet
etcd() { curl --silent --fail --max-time 2 --cacert ${pki}/etcd/ca.crt --cert "$1" --key "$2" "$3/health" >/dev/null 2>&1; }
until etcd "$2" "$3" "$4"; do sleep 0.1; done
mv ${held}/kube-apiserver.yaml ${manifests}/
# It listens before it answers: no more than a connection is tried until then.
until (exec 3<>"/dev/tcp/$1/${apiServerPort}") 2>/dev/null; do sleep 0.1; done
${asking}
until [ "$(asked "$1")" != 000 ]; do sleep 0.1; done
`

/**
 * `$1`: kubeadm's configuration; `$2`, `$3`: what is skipped of it; `$4`: the machine's address. kubeadm asks again where the
 * API server has not made its own roles yet, in most of what it does here: once they are there, what was refused all the
 * same is done again. The configuration is uploaded by a call that skips no add-on: it would say that there is none.
 */
const finishScript = `
set -eu
configure() { kubeadm init phase upload-config kubeadm --config "$1" && kubeadm init --config "$1" --skip-phases="$2"; }
configure "$1" "$2" & configuration=$!
${asking}
while code=$(asked "$4"); [ "$code" = 403 ] || [ "$code" = 000 ]; do sleep 0.2; done
for file in ${held}/*.yaml; do [ ! -f "$file" ] || mv "$file" ${manifests}/; done
rmdir ${held}
kubeadm init --config "$1" --skip-phases="$3" & addons=$!
wait $configuration || configure "$1" "$2"
wait $addons || kubeadm init --config "$1" --skip-phases="$3"
`

/** What a control plane has before anything of it runs. */
export interface PreparedControlPlane {
  /** Kubernetes' version, as the image has it. */
  readonly kubernetes: string
  /** The administrator's, which leads to the API server by the name of its machine. */
  readonly kubeconfig: string
}

/** Makes the files of the first control plane: its machine may still be booting. */
export async function prepareControlPlane(
  plan: ClusterPlan,
  { machine, node }: RunningMachine,
  hostname: string,
): Promise<PreparedControlPlane> {
  const { definition } = plan
  const files = skippedPhases(definition, ['certs', 'kubeconfig', 'etcd', 'control-plane'])
  const kubelet = skippedPhases(definition, ['kubelet-start', 'kubelet-finalize'])
  const { stdout } = await kubeadm(node, ['sh', '-c', prepare, 'sh', kubeadmFile, files, kubelet], {
    input: initConfiguration(plan, machine, hostname),
  })
  const end = stdout.indexOf('\n')
  return { kubernetes: stdout.slice(0, end), kubeconfig: stdout.slice(end + 1) }
}

/**
 * Starts the kubelet, and once etcd answers the API server; returns when that takes requests.
 * @throws {UserError} where it does not in time: with what the components said last
 */
export async function startControlPlane(plan: ClusterPlan, { machine, node }: RunningMachine): Promise<void> {
  const [member] = plan.etcd
  const how =
    plan.externalEtcd && member !== undefined
      ? [`${pki}/apiserver-etcd-client.crt`, `${pki}/apiserver-etcd-client.key`, clientUrl(member.name)]
      : [`${pki}/etcd/healthcheck-client.crt`, `${pki}/etcd/healthcheck-client.key`, clientUrl(machine.address)]
  const seconds = String(controlPlaneUp.ms / 1_000)
  const command = ['timeout', seconds, 'bash', '-c', startScript, 'bash', machine.address, ...how] as const
  const { exitCode, stderr } = await node.exec(command, { timeoutMs: controlPlaneUp.ms + 10_000, reject: false })
  if (exitCode === 0) return
  // Of `timeout`.
  const late = exitCode === 124
  throw new UserError(
    late
      ? `the API server of ${node.name} does not answer within ${seconds} s`
      : `the control plane of ${node.name} cannot be started (exit code ${exitCode}): ${stderr.trim()}`,
    { exitCode: 3, hint: `What its components said last:\n${await lastWords(node)}` },
  )
}

async function lastWords(node: RunningMachine['node']): Promise<string> {
  const script = 'tail -n 4 /var/log/pods/kube-system_*/*/*.log; journalctl --no-pager --unit kubelet --lines 4'
  try {
    return (await node.exec(['sh', '-c', script], { reject: false })).stdout
  } catch {
    return 'its machine does not answer'
  }
}

/** Has kubeadm do what needs the API, and starts the components that wait for their locks once they may have them. */
export async function finishControlPlane(plan: ClusterPlan, { machine, node }: RunningMachine): Promise<void> {
  const { definition } = plan
  const configuration = skippedPhases(definition, ['upload-config/kubelet', 'mark-control-plane', 'bootstrap-token'])
  const words = [kubeadmFile, configuration, skippedPhases(definition, ['addon/kube-proxy']), machine.address]
  const seconds = String(kubeadmLimitMs / 1_000)
  await kubeadm(node, ['timeout', seconds, 'sh', '-c', finishScript, 'sh', ...words])
}

/** From kubeadm's last word to a pod network, and a Node that is Ready for it. */
const takesPods = budget({
  name: 'a node takes pods',
  ms: 240_000,
  source: 'kubeadm timeouts.controlPlaneComponentHealthCheck 4m: the same for what comes after the control plane',
})

/**
 * Has kubeadm deploy CoreDNS once a node takes its pods: a scheduler that has found no node for them tries again after 1 s,
 * 2 s, 4 s (podInitialBackoffSeconds).
 */
export async function deployDns(
  plan: ClusterPlan,
  { node }: RunningMachine,
  api: KubeApi,
  context: Pick<ProviderContext, 'journal'>,
  ended: AbortSignal,
): Promise<void> {
  await eventually(waitContext(context), `a node of ${plan.name} takes pods`, {
    probe: async (signal) =>
      ended.aborted ? [] : (await api.get<KubeList<Node>>('/api/v1/nodes?resourceVersion=0', { signal })).items,
    // Who has given the cluster up waits for nothing.
    until: (nodes) =>
      ended.aborted || nodes.some(({ spec }) => (spec?.taints ?? []).every(({ key }) => !key.startsWith(byCondition))),
    within: takesPods,
    describe: (nodes) => nodes.map(({ metadata, spec }) => `${metadata.name} ${taintText(spec)}`).join('; '),
  })
  ended.throwIfAborted()
  const skipped = skippedPhases(plan.definition, ['addon/coredns'])
  await kubeadm(node, ['kubeadm', 'init', '--config', kubeadmFile, `--skip-phases=${skipped}`])
}

/** What a Node is tainted with while it is not Ready, or its network is not. */
const byCondition = 'node.kubernetes.io/'

function taintText(spec: Node['spec']): string {
  return spec?.taints?.map(({ key }) => key).join(', ') ?? 'has no taints'
}
