import type { Verdicts } from '../harness/verdict.ts'
import { writeFormats } from '../reports/formats/index.ts'

/**
 * Writes the verdicts for other programs, and returns the paths of the files. That it fails says nothing of the clusters:
 * it is told, and the run ends as it would have.
 */
export async function formatsOf(
  verdicts: Verdicts,
  out: string,
  complain: (text: string) => void,
  write: typeof writeFormats = writeFormats,
): Promise<string[]> {
  try {
    return await write(verdicts, out)
  } catch (error) {
    complain(`warning: not every file for other programs could be written into ${out}: ${String(error)}`)
    return []
  }
}
