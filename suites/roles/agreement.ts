import { nodeReadyAfterStart } from '../../harness/budgets/boot.ts'
import { budget, extend, type Term } from '../../harness/budgets/budget.ts'
import { election } from '../../harness/budgets/etcd.ts'
import { parseDuration } from '../../harness/duration.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { roleHealth, type NodeHealth } from '../../harness/probes/role-health.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'

/** Health is what is so now: what changes shows at the next look, once the member itself has noticed. */
const noticed = budget(
  { ...election, name: 'two elections', ms: 2 * election.ms },
  { name: 'health check of a member', ms: 5_000, source: 'etcd etcdhttp/health.go: 5 s for a linearizable read' },
  { name: 'two looks', ms: 10_000, source: 'harness: the limit of a probe, 5 s, twice' },
)

/** Role-aware health calls exactly these machines unwell, and no other; `after` is what has to happen before that. */
export async function healthNames(
  { eventually, cluster }: ScenarioContext,
  when: string,
  unwell: readonly ClusterNode[],
  after: readonly Term[] = [],
): Promise<void> {
  const expected = unwell.map(({ name }) => name).toSorted()
  await eventually(`health by role names ${expected.length === 0 ? 'no machine' : expected.join(', ')} ${when}`, {
    probe: () => roleHealth(cluster),
    until: (health) => unwellNodes(health).join(' ') === expected.join(' '),
    within: extend(noticed, ...after),
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

/** The boot of a machine of this cluster. */
export function booted({ cluster }: ScenarioContext): readonly Term[] {
  return nodeReadyAfterStart(parseDuration(cluster.definition.objectives.nodeBoot)).terms
}
