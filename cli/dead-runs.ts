import type { RunRecord } from '../reports/run-record.ts'

/**
 * The runs that a sweep cleans up after: those that left something in the engine, or files or a record on this machine,
 * and whose process is gone. A run without any record is dead too: a run makes its record before anything else.
 */
export function deadRuns(
  left: readonly string[],
  records: readonly RunRecord[],
  alive: ReadonlySet<string>,
): { readonly id: string; readonly record: RunRecord | null }[] {
  const ids = new Set([...left, ...records.map(({ id }) => id)])
  return [...ids]
    .filter((id) => !alive.has(id))
    .toSorted()
    .map((id) => ({ id, record: records.find((record) => record.id === id) ?? null }))
}
