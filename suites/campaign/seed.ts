import { createHash } from 'node:crypto'

/** What decides the order of the campaign and its choices where nobody gave another: `npm run campaign -- --seed N`. */
export const defaultSeed = 1

/** How the seed travels to the workers that run the tests. */
export const seedVariable = 'CLUSTERPROOF_SEED'

export function currentSeed(environment: NodeJS.ProcessEnv = process.env): number {
  const given = Number(environment[seedVariable])
  return Number.isSafeInteger(given) && given > 0 ? given : defaultSeed
}

/** A number from 0 to 2^32 − 1 that the seed and a name make, whatever else there is. */
function draw(seed: number, name: string): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE(0)
}

/** The order that the seed makes of named things. One that is added does not change the order of the others. */
export function inSeededOrderOf<T>(seed: number, things: readonly T[], nameOf: (thing: T) => string): T[] {
  const drawn = things.map((thing) => ({ thing, place: draw(seed, nameOf(thing)) }))
  return drawn.toSorted((left, right) => left.place - right.place).map(({ thing }) => thing)
}

/** The one of several that the seed chooses for what has that name. @throws {RangeError} where there is none */
export function chosenOf<T>(seed: number, name: string, options: readonly T[]): T {
  const chosen = options[draw(seed, name) % Math.max(1, options.length)]
  if (chosen === undefined) throw new RangeError(`nothing to choose from for ${name}`)
  return chosen
}
