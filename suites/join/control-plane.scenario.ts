import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { apiServerBack } from '../../harness/budgets/control-plane.ts'
import { parseDuration } from '../../harness/duration.ts'
import { scenario } from '../../harness/fixtures.ts'
import { roleHealth } from '../../harness/probes/role-health.ts'
import { joined, only, reportStill, serves } from './newcomer.ts'

/** A control plane joins: its own API server is ready, beside those that are there. */
scenario('join.control-plane', { requires: ['join'] }, async (context) => {
  const { cluster, eventually, measure } = context
  await using newcomers = await joined(context, [{ name: 'cp-joining', roles: ['control-plane'], after: [] }])
  const node = only(newcomers)
  const { since } = newcomers
  const own = async () => (await roleHealth(cluster)).filter((health) => health.node === node.name)
  await eventually(`everything that ${node.name} must run is well`, {
    probe: own,
    until: (health) => health.length > 0 && health.every(({ ok }) => ok),
    within: apiServerBack(0, parseDuration(cluster.definition.objectives.nodeBoot)),
    since,
    describe: (health) =>
      health
        .filter(({ ok }) => !ok)
        .map(({ check, detail }) => `${check}: ${detail}`)
        .join('; ') || `${health.length} checks are well`,
    diagnose: (health = []) =>
      diagnosis(
        'join.node-not-ready',
        `${node.name}: ${health.flatMap(({ ok, check, detail }) => (ok ? [] : [`${check}: ${detail}`])).join('; ')}`,
      ),
  })
  measure('its API server ready after', cluster.journal.now() - since, 'ms')
  await serves(context, node, since)
  await reportStill(context, newcomers.others)
})
