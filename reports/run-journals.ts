import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { journalRecords } from './journal-stream.ts'

/** One journal of an output directory. */
export interface RunJournal {
  readonly file: string
  /** Its path in the output directory, as verdicts have it. */
  readonly name: string
  readonly run: string
  /**
   * A scenario of `providers/` attaches to its cluster and judges it once more, in a journal of its own: what is judged
   * there is a part of that scenario and no verdict of the run.
   */
  readonly isInner: boolean
}

/**
 * The journals of a run. Without an id those of the newest run: the one whose first record is the latest.
 */
export async function runJournals(out: string, id: string | null): Promise<RunJournal[]> {
  const all = journalsIn(out)
  const wanted = id ?? (await newest(all))
  return all.filter(({ run }) => run === wanted)
}

function journalsIn(out: string): RunJournal[] {
  const folder = path.join(out, 'journal')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const [, run, inner] = /-([a-z0-9]{8})(\.attached-\d+)?\.jsonl$/.exec(entry.name) ?? []
    if (run === undefined || !entry.isFile()) return []
    return [{ file: path.join(folder, entry.name), name: `journal/${entry.name}`, run, isInner: inner !== undefined }]
  })
}

async function newest(journals: readonly RunJournal[]): Promise<string | null> {
  let found: { readonly run: string; readonly at: number } | null = null
  for (const { file, run } of journals) {
    const at = await begunAt(file)
    if (found === null || at > found.at) found = { run, at }
  }
  return found?.run ?? null
}

/** The wall-clock time of a journal's first record, in milliseconds; 0 where it has none. */
async function begunAt(file: string): Promise<number> {
  for await (const { at } of journalRecords(file, { lines: 0 })) {
    const ms = Date.parse(at)
    if (!Number.isNaN(ms)) return ms
  }
  return 0
}
