/** The candidates that differ least from a text, best first; none where none is near. */
export function nearest(text: string, candidates: readonly string[], most = 5): string[] {
  const asked = text.toLowerCase()
  return candidates
    .map((candidate) => ({ candidate, distance: distanceOf(asked, candidate) }))
    .filter(({ distance }) => distance <= Math.max(2, asked.length / 3))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** Of the whole, or of what stands behind its dot: who asks may leave the suite out. */
function distanceOf(asked: string, candidate: string): number {
  const short = candidate.slice(candidate.indexOf('.') + 1)
  // A part of a name is nearer than another name.
  const part = asked.length > 3 && candidate.includes(asked) ? 1 : Number.POSITIVE_INFINITY
  return Math.min(editDistance(asked, candidate), editDistance(asked, short), part)
}

/** How many letters have to be put in, taken out or changed to make one text of the other (Levenshtein). */
export function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (const [column, otherLetter] of [...other].entries()) {
      const changed = (row[column] ?? 0) + Number(letter !== otherLetter)
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
