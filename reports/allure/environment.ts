import type { EnvironmentInfo } from 'allure-js-commons/sdk'

import type { RunReport } from '../run-model.ts'

type Told = Pick<RunReport, 'id' | 'run' | 'scenarios' | 'damagedLines' | 'lastWords'>

/**
 * What the run ran on, for the report's first page: whatever verdicts.json says of the host. Where it was killed between
 * two scenarios, there is no other page that would say so; and what its journals lack may be of any of them.
 */
export function environmentOf({ id, run, scenarios, damagedLines, lastWords }: Told): EnvironmentInfo {
  const distributions = scenarios.flatMap(({ verdict }) => {
    const { name, version, kubernetes } = verdict?.distribution ?? { name: '', version: '', kubernetes: '' }
    return version === '' ? [] : [version === kubernetes ? `${name} ${version}` : `${name} ${version} (${kubernetes})`]
  })
  const lines = damagedLines === 1 ? '1 line is no record' : `${damagedLines} lines are no records`
  return {
    run: id,
    ...Object.fromEntries(Object.entries(run?.host ?? {}).map(([name, value]) => hostFact(name, value))),
    ...(distributions.length === 0 ? {} : { distributions: [...new Set(distributions)].toSorted().join(', ') }),
    ...(lastWords === ''
      ? {}
      : {
          end: lastWords
            .split('\n')
            .map((line) => line.trim())
            .join('; '),
        }),
    ...(damagedLines === 0 ? {} : { journals: `${lines}, of run ${id}` }),
  }
}

function hostFact(name: string, value: unknown): [string, string] {
  if (name === 'memoryBytes') return ['memory', `${(Number(value) / 1_024 ** 3).toFixed(1)} GiB`]
  return [name, typeof value === 'string' ? value : JSON.stringify(value)]
}
