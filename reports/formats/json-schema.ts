import path from 'node:path'

import { z } from 'zod'

import { verdictsSchema } from '../../harness/verdict.ts'

/** Where the schema is published, and the command that renews it. */
export const schemaFile = path.resolve(import.meta.dirname, '../../docs/schema/verdicts.schema.json')
export const renewSchema = 'npx node reports/formats/write-schema.ts'

/**
 * The JSON Schema (draft 2020-12) of `verdicts.json`, from the schema that the project itself reads it with. Fields that it
 * does not name are allowed, as that reader allows them: a new one breaks nobody.
 *
 * The file itself names no `$schema`: an output directory may lie anywhere, so that no relative path would lead there.
 */
export function verdictsJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(verdictsSchema, { target: 'draft-2020-12', io: 'input' })
  return {
    $schema,
    title: 'verdicts.json',
    description: 'What a run of clusterproof came to. docs/reading-a-report.md tells the same in words.',
    ...rest,
  }
}
