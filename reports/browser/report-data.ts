import { readFileSync } from 'node:fs'
import path from 'node:path'

import { z } from 'zod'

import { type Verdict, verdictSchema } from '../../harness/verdict.ts'

/** An attachment as the report's data have it, at whichever step it hangs. */
const attachmentSchema = z.object({
  link: z.object({ id: z.string(), ext: z.string(), name: z.string(), contentType: z.string().nullish() }),
})

const resultSchema = z.object({ id: z.string(), name: z.string(), steps: z.array(z.unknown()).default([]) })

export interface Attachment {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly content: string
}

/** One result of the report: one page of it. */
export interface ReportResult {
  /** By which the report knows it, in its tree and in addresses. */
  readonly id: string
  readonly name: string
  readonly attachments: readonly Attachment[]
  /** From the attachment of that name; null where there is none. */
  readonly verdict: Verdict | null
}

/** All results of a report, by name. What a reader must see on a page is known from here and not from the page. */
export function reportResults(report: string): ReportResult[] {
  const files = embeddedFiles(readFileSync(path.join(report, 'index.html'), 'utf8'))
  return [...files]
    .filter(([name]) => /^data\/test-results\/[^/]+\.json$/.test(name))
    .map(([, text]) => resultSchema.parse(JSON.parse(text)))
    .map(({ id, name, steps }) => {
      const attachments = attachmentsIn(steps, files)
      return { id, name, attachments, verdict: verdictIn(attachments) }
    })
    .toSorted((one, other) => one.name.localeCompare(other.name) || one.id.localeCompare(other.id))
}

/** What Allure writes into the page of a report that is one file: `d("data/test-results/x.json","BASE64")`. */
function embeddedFiles(page: string): Map<string, string> {
  const calls = page.matchAll(/\bd\("([^"\\]+)","([\w+/=]*)"\)/g)
  return new Map([...calls].map(([, name = '', base64 = '']) => [name, Buffer.from(base64, 'base64').toString('utf8')]))
}

export function isPicture({ type }: Attachment): boolean {
  return type === 'image/svg+xml'
}

export function isTimeline(attachment: Attachment): boolean {
  return isPicture(attachment) && /\btimeline\b/i.test(attachment.name)
}

/** The results that violate and have a timeline; those first that nothing declares to violate. */
export function violatingResults(results: readonly ReportResult[]): ReportResult[] {
  return results
    .filter(({ verdict, attachments }) => verdict?.outcome === 'violates' && attachments.some(isTimeline))
    .toSorted((one, other) => Number(isDeclared(one)) - Number(isDeclared(other)))
}

/** The first of each: their pages are made alike, and a whole run has fifty of them. */
export function oneOfEachDiagnosis(results: readonly ReportResult[]): ReportResult[] {
  const byCode = Map.groupBy(results, ({ verdict }) => verdict?.diagnosis?.code)
  return [...byCode.values()].flatMap(([first]) => first ?? [])
}

function isDeclared({ verdict }: ReportResult): boolean {
  return verdict?.expected?.outcome === 'violates'
}

function attachmentsIn(steps: readonly unknown[], files: ReadonlyMap<string, string>): Attachment[] {
  return steps.flatMap((step) => {
    const parsed = attachmentSchema.safeParse(step)
    if (parsed.success) {
      const { id, ext, name, contentType } = parsed.data.link
      return [{ id, name, type: contentType ?? '', content: files.get(`data/attachments/${id}${ext}`) ?? '' }]
    }
    const inner: unknown = typeof step === 'object' && step !== null && 'steps' in step ? step.steps : []
    return Array.isArray(inner) ? attachmentsIn(inner, files) : []
  })
}

function verdictIn(attachments: readonly Attachment[]): Verdict | null {
  const attached = attachments.find(({ name, type }) => name === 'verdict' && type === 'application/json')
  if (attached === undefined) return null
  const result = verdictSchema.safeParse(JSON.parse(attached.content))
  return result.success ? result.data : null
}
