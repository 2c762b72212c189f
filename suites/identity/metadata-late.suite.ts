import { budget } from '../../harness/budgets/budget.ts'
import { nodeStatusUpdateFrequency } from '../../harness/budgets/constants.ts'
import { finalName, firstBoot } from '../../harness/budgets/identity.ts'
import { bootScenario } from '../../harness/boot-fixtures.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseIdentity, memberMismatch } from '../../harness/diagnosis/identity.ts'
import { parseDuration } from '../../harness/duration.ts'
import { NoEvidence } from '../../harness/faults/fault.ts'
import { readBootLog } from '../../harness/identity/boot-log.ts'
import { memberIdentities, machineNames, namedCertificates, nodeNames } from '../../harness/probes/identity.ts'
import { ailments } from '../../harness/probes/health.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import type { ClusterDefinition } from '../../harness/topology.ts'

/** The affected distribution: it boots on under a name that it made up, as the service answers too late. */
function affected({ identity }: ClusterDefinition): boolean {
  return (
    identity.boot === 'fallback-name' && parseDuration(identity.metadataAfter) > parseDuration(identity.fallbackAfter)
  )
}

bootScenario(
  'identity.metadata-late',
  {
    boot: 'first',
    requires: ['etcd-access'],
    expected: (definition) =>
      affected(definition) ? { outcome: 'violates', diagnosis: 'identity.member-name-mismatch' } : undefined,
  },
  async (context) => {
    const { cluster, eventually, eventuallyOrViolate, measure } = context
    const { definition, journal } = cluster
    const nodeBoot = parseDuration(definition.objectives.nodeBoot)
    const metadataAfter = definition.identity.boot === 'static' ? 0 : parseDuration(definition.identity.metadataAfter)
    const since = journal.records().find(({ kind }) => kind === 'creating')?.t ?? 0
    const diagnose = () => diagnoseIdentity(cluster)

    await eventually('every machine has its final name', {
      probe: () => hostNames(context),
      until: (names) => names.join() === cluster.nodes.map(({ name }) => name).join(),
      within: finalName(nodeBoot, metadataAfter),
      since,
      describe: (names) => names.join(', '),
    })
    measure('final names after', journal.now() - since, 'ms')
    await requireLate(context, metadataAfter)
    await eventuallyOrViolate('every member of etcd has one name, the final one', {
      probe: () => memberIdentities(cluster),
      until: (members) =>
        members.length > 0 && members.every(({ machine, names }) => names.length === 1 && names[0] === machine),
      within: budget(
        { name: 'one look', ms: 5_000, source: 'harness: the limit of a probe' },
        nodeStatusUpdateFrequency,
      ),
      describe: (members) =>
        members.map(({ id, machine, names }) => `${id} on ${machine ?? '?'}: ${names.join(', ')}`).join('; '),
      diagnose: (members) => memberMismatch(members ?? []) ?? diagnose(),
    })
    const healthy = await eventuallyOrViolate('every machine is a Ready Node under its final name', {
      probe: () => ailments(cluster),
      until: (found) => found.length === 0,
      within: firstBoot(nodeBoot, metadataAfter),
      since,
      describe: (found) => found.join('; ') || 'healthy',
      diagnose,
    })
    if (healthy === null) return
    measure('all nodes Ready after', journal.now() - since, 'ms')
    await judgeNames(context)
  },
)

/** @throws {NoEvidence} where the service was not late for every machine: then there was no fault */
async function requireLate({ cluster }: ScenarioContext, metadataAfterMs: number): Promise<void> {
  if (metadataAfterMs === 0) return
  const madeUp = affected(cluster.definition)
  const logs = await Promise.all(cluster.nodes.map((node) => readBootLog(node)))
  const struck = logs.every((log) =>
    log.some(({ event, detail }) => (madeUp ? event === 'named' && detail.includes('made up') : event === 'no-name')),
  )
  if (!struck) throw new NoEvidence(`metadata-late: a machine of ${cluster.name} had its name before it was late`)
}

async function hostNames({ cluster }: ScenarioContext): Promise<string[]> {
  const hosts = await Promise.all(cluster.nodes.map((node) => node.exec(['cat', '/proc/sys/kernel/hostname'])))
  return hosts.map(({ stdout }) => stdout.trim())
}

/** Node objects are the machines, and certificates bear their names. */
async function judgeNames({ cluster, require }: ScenarioContext): Promise<void> {
  const [nodes, machines, certificates] = await Promise.all([
    nodeNames(cluster),
    machineNames(cluster),
    namedCertificates(cluster),
  ])
  require('Node objects are the machines', nodes.join() === machines.join(), () =>
    diagnosis('identity.duplicate-node', `Nodes: ${nodes.join(', ')}; machines: ${machines.join(', ')}`))
  const wrong = certificates.filter(({ node, name }) => name !== node)
  require('certificates bear the final names', wrong.length === 0, () =>
    diagnosis(
      'identity.certificate-name',
      wrong.map(({ node, file, name }) => `${node}: ${file} is for ${name}`).join('; '),
    ))
}
