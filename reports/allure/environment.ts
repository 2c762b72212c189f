import type { EnvironmentInfo } from 'allure-js-commons/sdk'

import type { RunReport } from '../run-model.ts'

/** What the run ran on, for the report's first page: whatever verdicts.json says of the host. */
export function environmentOf({ run, scenarios }: Pick<RunReport, 'run' | 'scenarios'>): EnvironmentInfo {
  if (run === null) return {}
  const distributions = scenarios.flatMap(({ verdict }) => {
    const { name, version, kubernetes } = verdict?.distribution ?? { name: '', version: '', kubernetes: '' }
    return version === '' ? [] : [version === kubernetes ? `${name} ${version}` : `${name} ${version} (${kubernetes})`]
  })
  return {
    run: run.id,
    ...Object.fromEntries(Object.entries(run.host).map(([name, value]) => hostFact(name, value))),
    distributions: [...new Set(distributions)].toSorted().join(', '),
  }
}

function hostFact(name: string, value: unknown): [string, string] {
  if (name === 'memoryBytes') return ['memory', `${(Number(value) / 1_024 ** 3).toFixed(1)} GiB`]
  return [name, typeof value === 'string' ? value : JSON.stringify(value)]
}
