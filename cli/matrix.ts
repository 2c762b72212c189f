import { formatDuration } from '../harness/duration.ts'
import { shownPath } from './command.ts'
import { EndingSignals } from './ending-signals.ts'
import { main } from './main.ts'
import { originOf, provideImages } from './matrix-images.ts'
import { type Leg, planLegs } from './matrix-legs.ts'
import { legDirectory, runLeg } from './matrix-leg-run.ts'
import { mergeLegs } from './matrix-merge.ts'
import { type MatrixOptions, matrixOptions } from './matrix-options.ts'
import { type LegResult, matrixTable, worstExitCode } from './matrix-result.ts'
import { checkWritable } from './output-directory.ts'
import { scenarioFiles, selectScenarios } from './scenario-names.ts'

/** `npm run matrix`: clusters × versions of Kubernetes, one leg after the other, then one report. Returns the exit code. */
async function matrix(args: readonly string[]): Promise<number> {
  const options = matrixOptions(args)
  if (options === null) return 0
  const legs = planLegs(options.clusters, options.kubernetes)
  selectScenarios(options.scenario, scenarioFiles())
  if (options.printLegs) {
    console.log(
      JSON.stringify({ include: legs.map(({ name, cluster, kubernetes }) => ({ leg: name, cluster, kubernetes })) }),
    )
    return 0
  }
  if (options.dryRun) return describePlan(legs, options)

  checkWritable(options.out)
  console.log(`${legs.length} ${legs.length === 1 ? 'leg' : 'legs'}: ${legs.map(({ name }) => name).join(', ')}`)
  const missing = await provideImages(legs, { offline: options.offline, say: (line) => console.log(line) })
  const { results, interruption } = await runLegs(legs, missing, options)
  console.log(`\n${matrixTable(results)}`)
  if (interruption !== null) return interruption.exitCode
  const code = worstExitCode(results)
  const withVerdicts = results.filter(({ verdicts }) => verdicts.length > 0)
  if (!options.merge || withVerdicts.length === 0) return code
  const isMerged = await mergeLegs(
    withVerdicts.map((leg) => legDirectory(options, leg)),
    options.out,
  )
  return isMerged || code !== 0 ? code : 1
}

/** Runs what can be run. A signal ends the leg that is running, which removes its clusters, and starts no other. */
async function runLegs(legs: readonly Leg[], missing: ReadonlyMap<string, string>, options: MatrixOptions) {
  using signals = new EndingSignals({ ending: 'ending the leg, which removes its clusters', complain })
  const results: LegResult[] = []
  for (const [index, leg] of legs.entries()) {
    const without = missing.get(leg.name)
    if (without !== undefined) results.push(notRun(leg, 'its image cannot be had'))
    else if (signals.interrupted.aborted) results.push(notRun(leg, 'not started'))
    else {
      console.log(`\nleg ${index + 1} of ${legs.length}: ${leg.name}, into ${shownPath(legDirectory(options, leg))}`)
      const result = await runLeg(leg, options, signals.interrupted)
      console.log(
        `leg ${leg.name}: ${result.reason || `exit code ${result.exitCode}`} (${formatDuration(result.tookMs)})`,
      )
      results.push(result)
    }
  }
  return { results, interruption: signals.interruption }
}

function complain(text: string): void {
  console.error(text)
}

function notRun({ name }: Leg, reason: string): LegResult {
  return { name, exitCode: null, reason, verdicts: [], tookMs: 0 }
}

/** `--dry-run`: each leg, with what its machines would be made of and where that would come from. */
async function describePlan(legs: readonly Leg[], options: MatrixOptions): Promise<number> {
  for (const leg of legs) {
    const { definition, image } = leg
    console.log(`${leg.name}: ${definition.provider}, Kubernetes ${leg.kubernetes || definition.kubernetes}`)
    if (image !== null) console.log(`  image ${image.name}: ${await originOf(image, options.offline)}`)
    console.log(`  into ${shownPath(legDirectory(options, leg))}`)
  }
  console.log(`${legs.length} ${legs.length === 1 ? 'leg' : 'legs'}, nothing was started`)
  return 0
}

await main(matrix)
