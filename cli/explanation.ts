import { catalog, type DiagnosisCode } from '../harness/diagnosis/catalog.ts'
import type { CatalogEntry, Evidence, Remedy } from '../harness/diagnosis/catalog-entry.ts'
import { fieldFailures } from '../harness/diagnosis/catalog-failures.ts'
import type { DiagnosedBy } from './diagnosed-by.ts'
import { quote } from './ending.ts'
import { globOf } from './scenario-names.ts'
import { upstreamUrl } from './upstream-url.ts'

/** All that is known of a diagnosis, for people and as JSON. */
export interface Explanation {
  readonly code: DiagnosisCode
  readonly meaning: string
  readonly cause: string
  readonly evidence: readonly Evidence[]
  readonly remedies: readonly Remedy[]
  readonly upstream: readonly { readonly reference: string; readonly url: string | null }[]
  readonly scenarios: DiagnosedBy
  /** Commands that show it, with what each of them runs. */
  readonly shownBy: readonly { readonly command: string; readonly runs: string }[]
  /** The page of the field failure that it is of, relative to the project; null: of none. */
  readonly page: string | null
}

/** Where and how what is measured was measured. */
export const measuredOn =
  'on the development machine (2 processors, 24 GiB, Kubernetes 1.34.4), once unless it says more: orders of magnitude, no promise'

export function explanation(code: DiagnosisCode, scenarios: DiagnosedBy): Explanation {
  const { meaning, cause, evidence, remedies, upstream }: CatalogEntry = catalog[code]
  const failure = fieldFailures.find(({ diagnoses }) => diagnoses.includes(code))
  return {
    code,
    meaning,
    cause,
    evidence,
    remedies,
    upstream: upstream.map((reference) => ({ reference, url: upstreamUrl(reference) })),
    scenarios,
    shownBy: shownBy(scenarios),
    page: failure === undefined ? null : `docs/failures/${failure.page}.md`,
  }
}

/** The command that runs these scenarios, and no others. */
export function startCommand(names: readonly string[]): string {
  const glob = globOf(names)
  return `npm start -- --scenario ${/^[\w.-]+$/.test(glob) ? glob : `'${glob}'`}`
}

function shownBy({ declared, counterTests, others }: DiagnosedBy): Explanation['shownBy'] {
  return [
    ...(declared.length === 0
      ? []
      : [{ command: startCommand(declared), runs: 'declared to come to it, on the clusters that are affected' }]),
    ...(counterTests.length === 0
      ? []
      : [
          {
            command: `npm run campaign -- --test ${counterTests.map(quote).join(' ')}`,
            runs: 'sabotages, on clusters made worse on purpose: each must come to it',
          },
        ]),
    ...(declared.length > 0 || counterTests.length > 0 || others.length === 0
      ? []
      : [{ command: startCommand(others), runs: 'must conform, and come to it where they do not' }]),
  ]
}

/** Where else it may be found, in words; empty: nowhere. */
export function alsoFoundBy({ declared, counterTests, others, anywhere }: DiagnosedBy): string {
  const shown = declared.length > 0 || counterTests.length > 0 ? others : []
  const bySuite = Map.groupBy(shown, (name) => name.split('.', 1)[0] ?? name)
  const named = [...bySuite].map(([suite, names]) =>
    names.length > 4 ? `${names.length} scenarios ${suite}.*` : names.join(', '),
  )
  return [
    ...named,
    ...(anywhere ? ['any scenario, where something does not hold or the cluster is not well afterwards'] : []),
  ].join('; ')
}
