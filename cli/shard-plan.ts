/** A suite or a file of counter-tests, as far as it matters which shard runs it. */
export interface ShardableFile {
  /** Relative to the project. */
  readonly file: string
  /** How long it takes, in seconds. */
  readonly weight: number
  /** It runs with nothing beside it, after all others of its shard. */
  readonly alone: boolean
}

/** A file with the shard that runs it, from 1. */
export type Placed<File extends ShardableFile> = File & { readonly shard: number }

/**
 * Other files run two at a time, so that a second of one that runs alone is worth two of theirs. A constant, not this
 * machine's own number: every machine must come to the same plan.
 */
const atOnce = 2

/**
 * Gives each file to exactly one shard, in a way that depends on nothing but the files, their weights and the number of
 * shards: the heaviest file first, each to the shard that has least so far (Graham's longest processing time: the fullest
 * shard has at most 4/3 of what the best plan would give it). In the order of the files' names.
 * @param first what shard 1 has to do beside its files, in the same seconds: the unit tests
 */
export function planShards<File extends ShardableFile>(
  files: readonly File[],
  count: number,
  { first = 0 }: { readonly first?: number } = {},
): Placed<File>[] {
  const loads = Array.from({ length: count }, (_, index) => (index === 0 ? first : 0))
  const placed: Placed<File>[] = []
  for (const file of files.toSorted((a, b) => cost(b) - cost(a) || byName(a, b))) {
    const least = loads.indexOf(Math.min(...loads))
    loads[least] = (loads[least] ?? 0) + cost(file)
    placed.push({ ...file, shard: least + 1 })
  }
  return placed.toSorted(byName)
}

/** What each shard has to do, in seconds of one file after the other; the sum is the same however they are placed. */
export function shardLoads(placed: readonly Placed<ShardableFile>[], count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, index) =>
    placed.filter(({ shard }) => shard === index + 1).reduce((sum, file) => sum + cost(file), index === 0 ? first : 0),
  )
}

function cost({ weight, alone }: ShardableFile): number {
  return alone ? weight * atOnce : weight
}

function byName(a: ShardableFile, b: ShardableFile): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0
}
