import { readFileSync } from 'node:fs'
import path from 'node:path'

import { projectFolder } from '../harness/images/settings.ts'

/** The projects of vitest.config.ts, read from its source: to ask vitest for them takes seconds. */
export function vitestProjects(project = projectFolder): string[] {
  const source = readFileSync(path.join(project, 'vitest.config.ts'), 'utf8')
  return [...source.matchAll(/(?:suites\(|\bname: )'([a-z-]+(?::[a-z-]+)?)'/g)].map(([, name = '']) => name)
}
