import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { format } from 'oxfmt'

import { schemaFile, verdictsJsonSchema } from './json-schema.ts'

// As the linter wants to find it.
const { code } = await format(schemaFile, JSON.stringify(verdictsJsonSchema()), { printWidth: 120 })
mkdirSync(path.dirname(schemaFile), { recursive: true })
writeFileSync(schemaFile, code)
