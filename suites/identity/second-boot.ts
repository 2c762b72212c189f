import { nodeReadyAfterReboot, systemdStop } from '../../harness/budgets/boot.ts'
import { budget, extend } from '../../harness/budgets/budget.ts'
import { apiServerBack, leasesHeld } from '../../harness/budgets/control-plane.ts'
import { quorumBack } from '../../harness/budgets/etcd.ts'
import { finalName, firstBoot } from '../../harness/budgets/identity.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseIdentity, memberMismatch } from '../../harness/diagnosis/identity.ts'
import { parseDuration } from '../../harness/duration.ts'
import { MissingCapability, NoEvidence } from '../../harness/faults/fault.ts'
import { reboot } from '../../harness/faults/reboot.ts'
import { type BootEvent, readBootLog } from '../../harness/identity/boot-log.ts'
import type { MetadataBehaviour } from '../../harness/identity/metadata-behaviour.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { ailments } from '../../harness/probes/health.ts'
import { memberIdentities, nodeNames } from '../../harness/probes/identity.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'

/** What a machine came to at its second boot. */
interface SecondName {
  readonly node: ClusterNode
  /** Null: not decided yet. */
  readonly name: string | null
  readonly refused: boolean
  readonly log: readonly BootEvent[]
}

/** Whether the machine was answered, or left without an answer, as the service was told to. */
function struckBy(behaviour: MetadataBehaviour, log: readonly BootEvent[]): boolean {
  return behaviour.kind === 'renamed'
    ? log.some(({ name }) => name === behaviour.name)
    : log.some(({ event }) => event === 'no-name')
}

/**
 * Machines that know their names are rebooted while the metadata service behaves like that: each keeps its name, or
 * refuses loudly to boot; and there is neither another member of etcd nor another Node, then and after the service is
 * well again.
 */
export async function judgeSecondBoot(context: ScenarioContext, behaviour: MetadataBehaviour): Promise<void> {
  const { cluster, eventually, require, measure } = context
  const { metadata, definition, journal } = cluster
  if (metadata === null) throw new MissingCapability(`the machines of ${cluster.name} ask no metadata service`)
  const nodeBoot = parseDuration(definition.objectives.nodeBoot)
  const since = journal.records().find(({ kind }) => kind === 'creating')?.t ?? 0
  await healthyWithin(context, 'after its first boot', firstBoot(nodeBoot, 0), since)
  // Healthy is the cluster as far as it is made: a reboot must not come between kubeadm and what it still has to do.
  await eventually('its making has come to an end', {
    probe: () => Promise.resolve(journal.records().map(({ source, kind }) => `${source} ${kind}`)),
    until: (kinds) => kinds.includes('cluster joined') || kinds.includes('cluster failed'),
    within: firstBoot(nodeBoot, 0),
    since,
    describe: (kinds) => kinds.findLast((kind) => kind.startsWith('cluster')) ?? '',
  })
  const [members, nodes] = await Promise.all([memberIdentities(cluster), nodeNames(cluster)])

  await metadata.behave('*', behaviour)
  const reboots = await Promise.all(cluster.nodes.map((node) => reboot(cluster, node)))
  const rebootedAt = Math.min(...reboots.map(({ injectedAt }) => injectedAt))
  const names = await eventually('every machine has come to a name, or has refused to boot', {
    probe: () => Promise.all(cluster.nodes.map(secondName)),
    until: (all) => all.every(({ name, refused }) => refused || name !== null),
    within: extend(finalName(nodeBoot, 0), systemdStop),
    since: rebootedAt,
    describe: (all) => all.map(describe).join(', '),
  })
  if (!names.every(({ log }) => struckBy(behaviour, log))) {
    throw new NoEvidence(`metadata ${behaviour.kind}: a machine of ${cluster.name} did not meet it at its second boot`)
  }
  const refusing = names.filter(({ refused }) => refused)
  measure('machines that refuse to boot', refusing.length, '')
  if (refusing.length === 0) await keepsItsName(context)
  else await startsNothing(context, refusing)

  await metadata.behave('*', { kind: 'answers' })
  const again = await Promise.all(refusing.map(({ node }) => reboot(cluster, node)))
  const lastAt = again[0]?.injectedAt ?? rebootedAt
  const back = extend(
    nodeReadyAfterReboot(cluster.constants.shutdownGracePeriodMs, nodeBoot),
    ...apiServerBack(0, nodeBoot).terms,
    ...leasesHeld().terms,
  )
  await healthyWithin(context, 'after its machines have booted again', back, lastAt)
  measure('healthy after', journal.now() - lastAt, 'ms')
  await keepsItsName(context)
  const [membersNow, nodesNow] = await Promise.all([memberIdentities(cluster), nodeNames(cluster)])
  const ids = (list: typeof members) =>
    list
      .map(({ id }) => id)
      .toSorted()
      .join(', ')
  require('the members of etcd are those of before', ids(members) === ids(membersNow), () =>
    diagnosis('identity.duplicate-member', `members before: ${ids(members)}; now: ${ids(membersNow)}`))
  require('the Nodes are those of before', nodes.join() === nodesNow.join(), () =>
    diagnosis('identity.duplicate-node', `Nodes before: ${nodes.join(', ')}; now: ${nodesNow.join(', ')}`))
}

async function secondName(node: ClusterNode): Promise<SecondName> {
  const log = await readBootLog(node)
  return {
    node,
    name: log.findLast(({ event }) => event === 'named' || event === 'renamed')?.name ?? null,
    refused: log.some(({ event }) => event === 'refused'),
    log,
  }
}

function describe({ node, name, refused }: SecondName): string {
  return `${node.name}: ${refused ? 'refuses' : (name ?? 'no name yet')}`
}

/** Members that took another name show it as soon as they run. */
async function keepsItsName({ cluster, eventually }: ScenarioContext): Promise<void> {
  await eventually('every member of etcd still has the name of its machine', {
    probe: () => memberIdentities(cluster),
    until: (members) =>
      members.length > 0 && members.every(({ machine, names }) => names.length === 1 && names[0] === machine),
    within: extend(
      quorumBack({ outageMs: 0 }),
      { name: 'start of etcd', ms: 10_000, source: 'kubelet and systemd: a boot of the machine, without its name' },
      { name: 'two looks', ms: 10_000, source: 'harness: the limit of a probe, 5 s, twice' },
    ),
    describe: (members) =>
      members.map(({ id, machine, names }) => `${id} on ${machine ?? '?'}: ${names.join(', ')}`).join('; '),
    diagnose: (members) => memberMismatch(members ?? []) ?? diagnoseIdentity(cluster),
  })
}

/** A machine that refuses starts nothing under any name. */
async function startsNothing({ require }: ScenarioContext, refusing: readonly SecondName[]): Promise<void> {
  const running = await Promise.all(
    refusing.map(async ({ node }) => {
      const { stdout } = await node.exec(['systemctl', 'is-active', 'etcd', 'kubelet'], { reject: false })
      return stdout.split('\n').includes('active') ? [node.name] : []
    }),
  )
  require('a machine that refuses its name runs neither etcd nor a kubelet', running.flat().length === 0, () =>
    diagnosis('identity.node-not-ready', `${running.flat().join(', ')} refused its name, and runs etcd or a kubelet`))
}

async function healthyWithin(
  { cluster, eventually }: ScenarioContext,
  when: string,
  within: ReturnType<typeof budget>,
  since: number,
): Promise<void> {
  await eventually(`the cluster is healthy ${when}`, {
    probe: () => ailments(cluster),
    until: (found) => found.length === 0,
    within,
    since,
    describe: (found) => found.join('; ') || 'healthy',
    diagnose: () => diagnoseIdentity(cluster),
  })
}
