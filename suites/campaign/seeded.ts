import * as fixtures from '../../harness/fixtures.ts'
import { chosenOf, currentSeed, inSeededOrderOf } from './seed.ts'

const seed = currentSeed()

/** What the file has declared so far. */
const declared: { readonly title: string; readonly declare: () => void }[] = []

export interface SeededCounterTest extends fixtures.CounterTest {
  /** What the seed chose for it, for the journal. */
  readonly choice?: string
}

/**
 * A counter-test whose place among those of its file the seed decides. It is a sabotage of the campaign: the scenario must
 * notice it, and come to the diagnosis of its cause.
 */
export function counter(
  scenarios: ReadonlyMap<string, fixtures.Scenario>,
  name: string,
  against: string,
  { expected, sabotage, choice = '' }: SeededCounterTest,
): void {
  const title = `${name} against ${against}`
  declared.push({
    title,
    declare: () =>
      fixtures.counter(scenarios, name, against, {
        expected,
        sabotage: (cluster) => {
          cluster.journal.append('run', 'sabotage', title, { seed, choice })
          return sabotage(cluster)
        },
      }),
  })
}

/** Declares what the file has, in the order that the seed makes of it: the last statement of a file. */
export function inSeededOrder(): void {
  for (const { declare } of inSeededOrderOf(seed, declared.splice(0), ({ title }) => title)) declare()
}

/** The one of several that the seed chooses for what has that name. */
export function choose<T>(name: string, options: readonly T[]): T {
  return chosenOf(seed, name, options)
}

/** `violates`, with that cause. */
export function violates(diagnosis: string): fixtures.CounterTest['expected'] {
  return { outcome: 'violates', diagnosis }
}
