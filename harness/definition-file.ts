import { readFileSync } from 'node:fs'
import path from 'node:path'

import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'

import { type ClusterDefinition, definitionSchema } from './topology.ts'
import { UserError } from './user-error.ts'

/**
 * A cluster definition from a YAML or JSON file. Paths in it are relative to the file.
 * @throws {UserError} with exit code 2 and one line a mistake, each as `file:line:column: field: what`
 */
export function readDefinition(file: string): ClusterDefinition {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UserError(`cannot read the cluster definition ${file}: ${reason(cause)}`, {
      exitCode: 2,
      hint: 'Give --cluster the name of a definition under clusters/ or the path of a YAML or JSON file.',
      cause,
    })
  }
  const definition = parseDefinition(text, path.relative(process.cwd(), file) || file)
  const beside = (target: string) => path.resolve(path.dirname(file), target)
  const { kubeconfig, etcd } = definition
  const { authority } = etcd
  return {
    ...definition,
    ...(kubeconfig !== undefined && { kubeconfig: beside(kubeconfig) }),
    ...(authority !== undefined && {
      etcd: { ...etcd, authority: { certificate: beside(authority.certificate), key: beside(authority.key) } },
    }),
  }
}

export function parseDefinition(text: string, file: string): ClusterDefinition {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  if (document.errors.length > 0) {
    throw mistakes(document.errors.map((error) => `${at(error.pos[0])}: ${firstLine(error.message)}`))
  }
  const result = definitionSchema.safeParse(resolved(document, at) ?? {})
  if (result.success) return result.data
  throw mistakes(
    result.error.issues.map((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path
      return `${at(offsetOf(document, keys))}: ${keys.join('.') || 'definition'}: ${issue.message}`
    }),
  )
}

/** The document's data. That an alias has no anchor, or that aliases multiply without end, shows only here. */
function resolved(document: Document.Parsed, at: (offset: number) => string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    let offset = 0
    visit(document, {
      Alias(_, alias) {
        if (alias.resolve(document) !== undefined) return undefined
        offset = alias.range?.[0] ?? 0
        return visit.BREAK
      },
    })
    throw mistakes([`${at(offset)}: ${firstLine(reason(cause))}`])
  }
}

function mistakes(lines: readonly string[]): UserError {
  return new UserError(lines.join('\n'), {
    exitCode: 2,
    hint: 'The fields of a definition are described in docs/cluster-definition.md.',
  })
}

/** Where in the text the field stands, or the nearest thing around it that is there. */
function offsetOf(document: Document.Parsed, keys: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? 0
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (pair === undefined) break
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(key)]
      if (item === undefined) break
      node = item
      if (isMap(node) || isSeq(node) || isScalar(node)) offset = node.range?.[0] ?? offset
    } else break
  }
  return offset
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
