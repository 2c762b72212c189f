import path from 'node:path'

import type { TestSequencer, TestSpecification } from 'vitest/node'

import { projectFolder } from '../harness/images/settings.ts'
import { knownWeights, weigh } from './shard-weights.ts'

/**
 * Gives out files that take long before those that take less, by what they were once measured to take: one that begins
 * last and takes long would run alone for minutes, on a host that could do more.
 */
export class LongestFirst implements TestSequencer {
  sort(files: TestSpecification[]): TestSpecification[] {
    const weight = weigh(knownWeights(null))
    const seconds = ({ moduleId }: TestSpecification) => weight(path.relative(projectFolder, moduleId))
    return files.toSorted((a, b) => seconds(b) - seconds(a))
  }

  /** Files are divided by `--shard` of the command line (cli/shard.ts), which vitest is told nothing of. */
  shard(files: TestSpecification[]): TestSpecification[] {
    return files
  }
}
