import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { MissingCapability } from '../../harness/faults/fault.ts'
import { type Scenario, scenario, scenariosOf } from '../../harness/fixtures.ts'
import { currentRun } from '../../harness/run.ts'
import { judge } from '../../harness/scenario.ts'
import { attachTo, type Attached } from './attached.ts'

const unchanged = 'recovery.daemonset-after-reboot'

scenario(
  'providers.existing',
  { requires: ['node-access', 'reboot', 'power'] },
  async ({ cluster, verify, measure }) => {
    await using attached = await attachTo(cluster)
    requireGiven(attached)

    const { name, options, body } = await suiteOfAnother()
    const verdict = await judge(name, options, body, attached.cluster, currentRun().out)

    cluster.faults.push(...attached.cluster.faults)
    for (const measurement of verdict.measurements) measure(measurement.name, measurement.value, measurement.unit)
    if (verdict.outcome === 'skipped') throw new MissingCapability(`${name}: ${verdict.reason}`)
    if (verdict.outcome === 'inconclusive') throw new Error(`${name} as an existing cluster: ${verdict.reason}`)
    verify(
      `${name} conforms on it as an existing cluster`,
      verdict.outcome === 'conforms',
      () => verdict.diagnosis ?? diagnosis('recovery.unexplained', verdict.reason),
    )
  },
)

/** @throws where it cannot do what was given to it, or more: then the provider is wrong, and not the cluster */
function requireGiven({ cluster, given }: Attached): void {
  const wanted = [...given].toSorted().join(', ')
  const can = [...cluster.capabilities].toSorted().join(', ')
  if (can !== wanted) throw new Error(`it was given ${wanted}, and can ${can}`)
}

let loaded: Promise<ReadonlyMap<string, Scenario>> | undefined

/** Loaded when it is needed, so that this suite can be loaded for its own scenarios; once, as any module is. */
async function suiteOfAnother(): Promise<Scenario> {
  loaded ??= scenariosOf(() => import('../recovery/daemonset-after-reboot.suite.ts'))
  const found = (await loaded).get(unchanged)
  if (found === undefined) throw new RangeError(`no suite declares the scenario ${unchanged}`)
  return found
}
