/** What is run and killed: a command of this project, as a user would call it. */
export interface Subject {
  readonly name: string
  /** The program of cli/. */
  readonly program: string
  /** Its flags, but for the output directory. */
  readonly args: readonly string[]
}

/** Scenarios on a cluster: `npm start`. */
export function scenarioSubject(scenario: string, cluster: string): Subject {
  return {
    name: `${scenario} on ${cluster}`,
    program: 'cli/start.ts',
    args: ['--scenario', scenario, '--cluster', cluster],
  }
}

/** A counter-test by its whole name: `npm test`. */
export function counterSubject(name: string): Subject {
  return { name, program: 'cli/test.ts', args: ['--project', 'counter', '--test', name] }
}
