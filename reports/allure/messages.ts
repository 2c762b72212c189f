import { LabelName, type Label, type Link } from 'allure-js-commons'
import type { RuntimeMessage } from 'allure-js-commons/sdk'

import type { Verdict } from '../../harness/verdict.ts'
import { asExpected } from '../../harness/verdict.ts'
import type { Picture } from '../scenario-pictures.ts'
import { outcomeText } from '../verdict-line.ts'
import { leftOut, textAttachment } from './attachments.ts'
import { describeUnfinished, describeVerdict } from './description.ts'
import type { JournalPart } from './journal-parts.ts'
import { type ClusterStart, legParameters, type Parameter } from './leg.ts'
import { isCounterTest, placeOf } from './seed-failures.ts'
import { stepMessages, stepsOf, unfinishedSteps } from './steps.ts'
import { upstreamLink } from './upstream-links.ts'

/** All that the report knows of one scenario. */
export interface Told {
  readonly scenario: string
  readonly cluster: string
  readonly distribution: Verdict['distribution']
  /** Null: the run was ended in it. */
  readonly verdict: Verdict | null
  /** Which of its repeats it is, such as `2 of 5`; empty: it was run once. */
  readonly repeat: string
  readonly start: ClusterStart
  /** When it ended, in milliseconds of the run's clock. */
  readonly endedAt: number
  /** The wall-clock time at which that clock was 0, in milliseconds since 1970. */
  readonly originAt: number
  /** Its part of the journal; null: it has none, or that cannot be read. */
  readonly journal: JournalPart | null
  /** Where the whole journal is, relative to the output directory; empty: nowhere. */
  readonly journalFile: string
  readonly pictures: readonly Picture[]
  /** The diagnostics bundle as an attachment; null: there is none. */
  readonly bundle: RuntimeMessage | null
  /** Where a run that was ended came to its end; empty: it was not ended. */
  readonly lastWords: string
}

/** What the report says of one scenario. */
export function allureMessages(told: Told): RuntimeMessage[] {
  const { verdict, lastWords, originAt, endedAt } = told
  const moments = told.journal?.moments ?? []
  const steps = verdict === null ? unfinishedSteps(moments, endedAt) : stepsOf(verdict, moments, endedAt)
  return [
    {
      type: 'metadata',
      data: {
        displayName: displayName(told),
        description: verdict === null ? describeUnfinished(lastWords) : describeVerdict(verdict),
        labels: labelsOf(told),
        links: linksOf(verdict),
        parameters: parametersOf(told),
      },
    },
    ...stepMessages(steps, originAt),
    ...attachments(told),
  ]
}

/**
 * `recovery.power-cut on kind, v1.34.4`: the legs of a matrix have names of their own. A violation that is declared has
 * passed, and says in the list already that it is one.
 */
function displayName({ scenario, cluster, distribution: { kubernetes }, repeat, verdict }: Told): string {
  return [
    `${scenario} on ${cluster}`,
    kubernetes === '' ? '' : `, ${kubernetes}`,
    repeat === '' ? '' : ` (${repeat})`,
    verdict !== null && isDeclaredViolation(verdict) ? ` · ${outcomeText(verdict)}` : '',
  ].join('')
}

function isDeclaredViolation(verdict: Verdict): boolean {
  return verdict.outcome === 'violates' && asExpected(verdict)
}

function parametersOf(told: Told): Parameter[] {
  const { start, repeat } = told
  return [...legParameters(told, start), ...(repeat === '' ? [] : [{ name: 'repeat', value: repeat }])]
}

/**
 * `outcome`, `diagnosis` and `declared` are this project's own: the categories and the quality gate of allurerc.mjs go by
 * them. The report's list can be narrowed down by tags.
 */
function labelsOf({ scenario, cluster, verdict }: Told): Label[] {
  const { epic, feature, story, isSeed } = placeOf(scenario)
  const code = verdict?.diagnosis?.code
  return [
    label('outcome', verdict?.outcome ?? 'unfinished'),
    label('declared', verdict !== null && asExpected(verdict) ? 'yes' : 'no'),
    ...(code === undefined ? [] : [label('diagnosis', code)]),
    label(LabelName.EPIC, epic),
    label(LabelName.FEATURE, feature),
    label(LabelName.STORY, story),
    label(LabelName.SEVERITY, isCounterTest(scenario) ? 'minor' : isSeed ? 'critical' : 'normal'),
    ...tagsOf(scenario, verdict).map((tag) => label(LabelName.TAG, tag)),
    label(LabelName.PARENT_SUITE, feature),
    label(LabelName.SUITE, story),
    label(LabelName.SUB_SUITE, cluster),
    label(LabelName.FRAMEWORK, 'clusterproof'),
  ]
}

function tagsOf(scenario: string, verdict: Verdict | null): string[] {
  const code = verdict?.diagnosis?.code
  return [
    verdict === null ? 'unfinished' : outcomeText(verdict),
    ...(code === undefined ? [] : [code]),
    ...(verdict !== null && isDeclaredViolation(verdict) ? ['expected'] : []),
    ...(isCounterTest(scenario) ? ['counter-test'] : []),
  ]
}

function label(name: string, value: string): Label {
  return { name, value }
}

function linksOf(verdict: Verdict | null): Link[] {
  return (verdict?.diagnosis?.upstream ?? []).flatMap((reference) => upstreamLink(reference) ?? [])
}

function attachments({ verdict, journal, journalFile, pictures, bundle }: Told): RuntimeMessage[] {
  return [
    ...pictures.map(({ name, svg }) =>
      textAttachment({ name, text: svg, contentType: 'image/svg+xml', fileExtension: 'svg' }),
    ),
    ...(verdict === null
      ? []
      : [
          textAttachment({
            name: 'verdict',
            text: `${JSON.stringify(verdict, null, 2)}\n`,
            contentType: 'application/json',
            fileExtension: 'json',
          }),
        ]),
    ...(journal === null || journal.records === 0 ? [] : [journalAttachment(journal, journalFile)]),
    ...(bundle === null ? [] : [bundle]),
  ]
}

function journalAttachment({ text, records }: JournalPart, file: string): RuntimeMessage {
  const name = `journal (${records} records)`
  if (text === null) return leftOut(name, `it is too large; it is part of ${file} in the output directory`)
  return textAttachment({ name, text, contentType: 'application/x-ndjson', fileExtension: 'jsonl' })
}
