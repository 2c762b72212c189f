import { budget } from '../../harness/budgets/budget.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { roleHealth, type NodeHealth } from '../../harness/probes/role-health.ts'
import type { ScenarioContext } from '../../harness/scenario.ts'

/** Health is what is so now: what changes shows at the next look, once the member itself has noticed. */
const noticed = budget(
  { name: 'two elections', ms: 4_000, source: 'etcd --election-timeout 1000 default, drawn from one to two of them' },
  { name: 'health check of a member', ms: 5_000, source: 'etcd etcdhttp/health.go: 5 s for a linearizable read' },
  { name: 'two looks', ms: 10_000, source: 'harness: the limit of a probe, 5 s, twice' },
)

/** Role-aware health calls exactly these machines unwell, and no other. */
export async function healthNames(
  { eventually, cluster }: ScenarioContext,
  when: string,
  unwell: readonly ClusterNode[],
): Promise<void> {
  const expected = unwell.map(({ name }) => name).toSorted()
  await eventually(`health by role names ${expected.length === 0 ? 'no machine' : expected.join(', ')} ${when}`, {
    probe: () => roleHealth(cluster),
    until: (health) => unwellNodes(health).join(' ') === expected.join(' '),
    within: noticed,
    describe: describeHealth,
    diagnose: (last) =>
      diagnosis(
        'roles.unhealthy-member',
        `health by role should name ${expected.join(', ') || 'no machine'} ${when}, and says: ${describeHealth(last ?? [])}`,
      ),
  })
}

function unwellNodes(health: readonly NodeHealth[]): string[] {
  return [...new Set(health.filter(({ ok }) => !ok).map(({ node }) => node))].toSorted()
}

function describeHealth(health: readonly NodeHealth[]): string {
  const failing = health.filter(({ ok }) => !ok).map(({ node, check, detail }) => `${node}: ${check}: ${detail}`)
  return failing.join('; ') || `${health.length} checks are well`
}
