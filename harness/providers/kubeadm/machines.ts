import { budget } from '../../budgets/budget.ts'
import { egressFiles } from '../../egress.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
import { bootFiles, initialHostname } from '../../identity/boot-files.ts'
import { readBootLog, readStamp } from '../../identity/boot-log.ts'
import { metadataAddress } from '../../identity/metadata-address.ts'
import { parseDuration } from '../../duration.ts'
import { type MachineFile, startMachine } from '../../nodes/machine-container.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import { waitOnNode } from '../../nodes/wait-on-node.ts'
import { type BootMode, etcdOnly } from '../../topology.ts'
import type { ProviderContext } from '../provider.ts'
import { etcdMachineFiles } from './etcd-member.ts'
import { patchFiles } from './kubeadm-config.ts'
import { apiServerPort, type ClusterPlan, hasRole, type Machine } from './plan.ts'

/** Switches a machine of the cluster on for the first time. Its init may still be starting when this returns. */
export async function createMachine(
  plan: ClusterPlan,
  machine: Machine,
  image: string,
  { run }: Pick<ProviderContext, 'run'>,
): Promise<void> {
  const { identity } = plan.definition
  const publishes = machine.name === plan.endpoint.name
  await startMachine(run, {
    name: machine.name,
    hostname: initialHostname(identity.boot, machine.name),
    address: machine.address,
    network: plan.network.name,
    image,
    files: machineFiles(plan, machine),
    ...(publishes && { ports: { [apiServerPort]: plan.apiPort } }),
  })
}

export function machineFiles(plan: ClusterPlan, machine: Machine): MachineFile[] {
  const { identity, network, components } = plan.definition
  const named = identity.boot !== 'static'
  const alone = etcdOnly(machine.definition)
  return [
    ...(alone
      ? etcdMachineFiles({
          boot: identity.boot,
          name: machine.name,
          extraArgs: components.etcd?.extraArgs ?? {},
        })
      : []),
    ...(network.egress === 'closed'
      ? egressFiles(plan.network.subnet, named ? [metadataAddress] : [], alone ? 'etcd.service' : undefined)
      : []),
    ...(hasRole(machine, 'control-plane') ? patchFiles() : []),
    ...bootFiles({ mode: identity.boot, fallbackAfterMs: parseDuration(identity.fallbackAfter) }),
  ]
}

/** It is made when containerd serves, and gone after a reboot: /run is a tmpfs. */
const containerdSocket = '/run/containerd/containerd.sock'

/**
 * Waits until a machine's init and, where it has one, its container engine are up and it has a host name, and returns
 * that name: what the machine is called from then on by everything that asks once.
 */
export async function awaitBooted(
  node: ClusterNode,
  { definition }: Pick<ClusterPlan, 'definition'>,
  context: Pick<ProviderContext, 'journal'>,
): Promise<string> {
  const { boot, metadataAfter, fallbackAfter } = definition.identity
  // Where a file says it, no process has to be asked for it.
  const isUp = etcdOnly(node) ? 'systemctl is-active --quiet multi-user.target' : `[ -S ${containerdSocket} ]`
  const patience = { static: '0s', 'wait-for-metadata': metadataAfter, 'fallback-name': fallbackAfter }[boot]
  return await eventually(waitContext(context), `${node.name} has booted`, {
    probe: async () => {
      const up = await waitOnNode(node, isUp)
      return up ? await takenName(node, boot) : ''
    },
    until: (name) => name !== '',
    within: budget(
      { name: 'boot of a machine', ms: parseDuration(definition.objectives.nodeBoot), source: 'objectives.nodeBoot' },
      { name: 'wait for the host name', ms: parseDuration(patience), source: 'identity of the definition' },
    ),
    describe: (name) => name || 'no host name yet',
  })
}

/** The name that the machine came to in this boot; empty: none yet. Where it has it from the start, it is its container's. */
async function takenName(node: ClusterNode, boot: BootMode): Promise<string> {
  if (boot === 'static') return node.name
  const named = (await readBootLog(node)).find(({ event }) => event === 'named')
  return named?.name ?? (await readStamp(node))?.name ?? ''
}
