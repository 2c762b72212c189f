import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import fc from 'fast-check'

import { UserError } from '../../harness/user-error.ts'
import { verdictsSchema } from '../../harness/verdict.ts'
import { readRun, type RunReport, verdictsOf } from '../../reports/run-model.ts'
import { verdictsPath } from '../../reports/verdicts-file.ts'
import { campaign } from './campaign.ts'
import { journalBytes } from './journals.ts'
import { scratch } from './scratch.ts'
import { verdictsBytes } from './verdicts.ts'

const names = [
  'a-abcd1234.jsonl',
  'b-abcd1234.jsonl',
  'c-zzzz9999.jsonl',
  'a-abcd1234.attached-1.jsonl',
  'notes.txt',
] as const

interface Input {
  readonly verdicts: Buffer | null
  readonly journals: readonly { readonly name: string; readonly bytes: Buffer }[]
}

/** `npm run fuzz`: anything that may lie in an output directory. */
export const runs = campaign<Input>({
  name: 'runs',
  subject: 'output directories: verdicts.json and several journals',
  share: 0.1,
  inputs: fc.record({
    verdicts: fc.option(verdictsBytes),
    journals: fc.uniqueArray(fc.record({ name: fc.constantFrom(...names), bytes: journalBytes }), {
      selector: ({ name }) => name,
      maxLength: 3,
    }),
  }),
  check: checkRun,
})

/** A run is told of with all that is left of it, or it is said that there is none. */
export async function checkRun({ verdicts, journals }: Input): Promise<void> {
  const out = path.join(scratch(), 'out')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(path.join(out, 'journal'), { recursive: true })
  if (verdicts !== null) writeFileSync(verdictsPath(out), verdicts)
  for (const { name, bytes } of journals) writeFileSync(path.join(out, 'journal', name), bytes)
  let report: RunReport
  try {
    report = await readRun(out)
  } catch (error) {
    if (!(error instanceof UserError))
      throw new Error('it ends in an error that is none of the project', { cause: error })
    if (error.exitCode !== 2 || error.hint === '') throw new Error('it is not said what to do', { cause: error })
    return
  }
  verdictsSchema.parse(verdictsOf(report))
  for (const { startedAt, endedAt, facts } of report.scenarios) {
    if (!Number.isFinite(startedAt) || !Number.isFinite(endedAt)) throw new Error('a scenario has no time')
    JSON.stringify(facts)
  }
}
