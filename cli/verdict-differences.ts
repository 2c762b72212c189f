import type { Verdict } from '../harness/verdict.ts'

type Compared = Pick<Verdict, 'scenario' | 'cluster' | 'outcome' | 'diagnosis'>

/**
 * Where two runs of the same scenarios came to something else, a line each: a scenario that one of them does not have, or
 * another outcome or diagnosis. Times and names of machines differ always, and are not looked at.
 */
export function verdictDifferences(
  [left, right]: readonly [string, string],
  ours: readonly Compared[],
  theirs: readonly Compared[],
): string[] {
  const [a, b] = [counted(ours), counted(theirs)]
  const keys = [...new Set([...a.keys(), ...b.keys()])].toSorted()
  return keys.flatMap((key) => {
    const [one, other] = [a.get(key) ?? [], b.get(key) ?? []].map((all) => all.toSorted().join(', ') || 'nothing')
    return one === other ? [] : [`${key}: ${one} in ${left}, ${other} in ${right}`]
  })
}

function counted(verdicts: readonly Compared[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { scenario, cluster, outcome, diagnosis } of verdicts) {
    const key = cluster === '' ? scenario : `${scenario} on ${cluster}`
    const text = diagnosis === null ? outcome : `${outcome} (${diagnosis.code})`
    found.set(key, [...(found.get(key) ?? []), text])
  }
  return found
}
