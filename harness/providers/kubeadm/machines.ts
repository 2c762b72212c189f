import { budget } from '../../budgets/budget.ts'
import { egressFiles } from '../../egress.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
const bootFiles = (_: object): MachineFile[] => []
const initialHostname = (_: string, name: string) => name
const metadataService = '169.254.169.254'
import { parseDuration } from '../../duration.ts'
import { ContainerNode } from '../../nodes/container-node.ts'
import { type MachineFile, startMachine } from '../../nodes/machine-container.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import { etcdOnly } from '../../topology.ts'
import type { ProviderContext } from '../provider.ts'
import { etcdMachineFiles } from './etcd-member.ts'
import { apiServerPort, type ClusterPlan, type Machine } from './plan.ts'

/** Switches a machine of the cluster on for the first time. Its init may still be starting when this returns. */
export async function createMachine(
  plan: ClusterPlan,
  machine: Machine,
  image: string,
  { run }: ProviderContext,
): Promise<ClusterNode> {
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
  return new ContainerNode(machine.name, machine.definition.roles)
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
      ? egressFiles(plan.network.subnet, named ? [metadataService] : [], alone ? 'etcd.service' : undefined)
      : []),
    ...bootFiles({
      mode: identity.boot,
      fallbackAfterMs: parseDuration(identity.fallbackAfter),
      finalName: machine.name,
    }),
  ]
}

/** A machine's init and, where it has one, its container engine are up, and it has a host name. */
export async function awaitBooted(
  node: ClusterNode,
  { definition }: ClusterPlan,
  context: Pick<ProviderContext, 'journal'>,
): Promise<void> {
  const { boot, metadataAfter } = definition.identity
  // Once containerd runs, everything that it waits for has run: the host name and the egress rules.
  const unit = etcdOnly(node) ? 'multi-user.target' : 'containerd.service'
  await eventually(waitContext(context), `${node.name} has booted`, {
    probe: async () => (await node.exec(['systemctl', 'is-active', unit], { reject: false })).stdout.trim(),
    until: (state) => state === 'active',
    within: budget(
      { name: 'boot of a machine', ms: parseDuration(definition.objectives.nodeBoot), source: 'objectives.nodeBoot' },
      {
        name: 'host name',
        ms: boot === 'wait-for-metadata' ? parseDuration(metadataAfter) : 0,
        source: 'identity.metadataAfter',
      },
    ),
  })
}
