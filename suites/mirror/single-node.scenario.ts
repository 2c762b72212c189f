import { instanceReady } from '../../harness/budgets/mirror.ts'
import { findNodes } from '../../harness/cluster.ts'
import { explainMirror } from '../../harness/diagnosis/mirror.ts'
import { scenario } from '../../harness/fixtures.ts'
import { mirrorFacts } from '../../harness/probes/mirror-facts.ts'
import { describeInstances, mirrorInstances } from '../../harness/probes/mirror-instances.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { type InstallMirror, newImage, pulls, spegel, withMirror } from './mirroring.ts'
import { leadsTruly } from './newcomer.ts'

/** One machine, which has nobody to get anything from: its instance is well, and stands in nobody's way. */
function alone(install: InstallMirror) {
  return (context: ScenarioContext): Promise<void> =>
    withMirror(context, install, async (mirroring) => {
      const { cluster, mirror } = mirroring
      const [only] = findNodes(cluster, {})
      if (only === undefined || mirror.electorate === null) throw new RangeError(`${cluster.name} has no instance`)
      await context.eventually(`the only instance of ${mirror.name} is Ready`, {
        probe: () => mirrorInstances(cluster, mirror),
        until: (instances) => instances.length === 1 && instances.every(({ ready }) => ready),
        within: instanceReady(mirror.electorate.startup),
        describe: describeInstances,
        diagnose: async () => explainMirror(await mirrorFacts(cluster, mirror)),
      })
      const image = await newImage(mirroring, 'alone')
      await pulls(mirroring, only, image, 'upstream')
      await leadsTruly(mirroring)
    })
}

scenario('mirror.single-node-v0.0.17', { requires: ['containers', 'node-access'] }, alone(spegel('v0.0.17')))

/** spegel#1256: an instance that has no peer never gets Ready, and its startup probe ends it again and again. */
scenario(
  'mirror.single-node-v0.7.4',
  {
    requires: ['containers', 'node-access'],
    expected: { outcome: 'violates', diagnosis: 'mirror.alone' },
    nightly: true,
  },
  alone(spegel('v0.7.4')),
)
