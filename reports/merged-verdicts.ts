import path from 'node:path'

import type { Verdicts } from '../harness/verdict.ts'

/** Verdicts of a run, and where their files are. */
export interface Leg {
  readonly out: string
  readonly verdicts: Verdicts
}

/**
 * The verdicts of several runs as those of one, which began with the first of them and ended with the last; it has not
 * ended where one has not. Paths of journals and bundles lead from `out` to where each run has them.
 */
export function mergedVerdicts(legs: readonly Leg[], out: string): Verdicts {
  const runs = legs.map(({ verdicts }) => verdicts.run).toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
  const [first] = runs
  if (first === undefined) throw new RangeError('there is no run to merge')
  const ends = runs.map(({ finishedAt }) => finishedAt)
  const files = runs.flatMap((run) => run.files ?? [])
  return {
    schema: 1,
    run: {
      id: runs.map(({ id }) => id).join('+'),
      startedAt: first.startedAt,
      finishedAt: ends.reduce((last, end) => (last === null || end === null ? null : last > end ? last : end)),
      host: first.host,
      // The next run is divided by it.
      ...(files.length === 0 ? {} : { files }),
    },
    verdicts: legs.flatMap(({ out: from, verdicts: { verdicts } }) => {
      const moved = (file: string) => (file === '' ? '' : path.relative(out, path.join(from, file)))
      return verdicts.map((verdict) => ({
        ...verdict,
        journal: moved(verdict.journal),
        bundle: verdict.bundle === null ? null : moved(verdict.bundle),
      }))
    }),
  }
}
