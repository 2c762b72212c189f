import { readFileSync } from 'node:fs'
import path from 'node:path'

import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'

import { messageOf } from './error-message.ts'
import { notPlain } from './plain-data.ts'
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
    throw new UserError(`cannot read the cluster definition ${file}: ${messageOf(cause)}`, {
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

/**
 * A cluster definition from YAML or JSON.
 * @throws {UserError} as above
 */
export function parseDefinition(text: string, file: string): ClusterDefinition {
  const lines = new LineCounter()
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const document = parsed(text, lines, at)
  const data = resolved(document, at) ?? {}
  const unsayable = notPlain(data)
  if (unsayable.length > 0) {
    throw mistakes(unsayable.map(({ path: keys, what }) => mistake(at(offsetOf(document, keys)), keys, what)))
  }
  const result = definitionSchema.safeParse(data)
  if (result.success) return result.data
  throw mistakes(
    result.error.issues.map((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path
      return mistake(at(offsetOf(document, keys)), keys, issue.message)
    }),
  )
}

/** The document, without a mistake in its YAML. A tag that nobody knows is one, though YAML only warns of it. */
function parsed(text: string, lines: LineCounter, at: (offset: number) => string): Document.Parsed {
  let document: Document.Parsed
  try {
    // Warnings are taken below, and those of its own it would print.
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  } catch (cause) {
    throw mistakes([`${at(0)}: ${tooDeep(messageOf(cause))}`])
  }
  const wrong = [...document.errors, ...document.warnings]
  const deep = wrong.find(({ message }) => tooDeep(message) !== message)
  // What comes of that in every bracket around it says nothing more.
  if (deep !== undefined) throw mistakes([`${at(deep.pos[0])}: ${tooDeep(deep.message)}`])
  if (wrong.length > 0) throw mistakes(wrong.map(({ pos, message }) => `${at(pos[0])}: ${firstLine(message)}`))
  visit(document, {
    Pair(_, { key }) {
      if (key === null || isScalar(key) || isAlias(key)) return
      const offset = isMap(key) || isSeq(key) ? (key.range?.[0] ?? 0) : 0
      throw mistakes([`${at(offset)}: a key must be a text, and is a list or a map`])
    },
  })
  return document
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
    throw mistakes([`${at(offset)}: ${firstLine(tooDeep(messageOf(cause)))}`])
  }
}

/** The parser calls itself for each level, and says of a thousand of them only that it could do so no more. */
function tooDeep(message: string): string {
  return /call stack/.test(message) ? 'lists and maps stand in each other too deeply to be read' : message
}

function mistake(place: string, keys: readonly PropertyKey[], what: string): string {
  return `${place}: ${keys.join('.') || 'definition'}: ${what}`
}

const [mostMistakes, longestMistake] = [20, 300]

function mistakes(lines: readonly string[]): UserError {
  const shown = lines.slice(0, mostMistakes).map(oneLine)
  const more = lines.length - shown.length
  return new UserError([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), {
    exitCode: 2,
    hint: 'The fields of a definition are described in docs/cluster-definition.md.',
  })
}

/** A mistake repeats what stands in the file, which may be long, and hold what a terminal would obey. */
function oneLine(text: string): string {
  const plain = text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- they are what this is about
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return plain.length > longestMistake ? `${plain.slice(0, longestMistake)}…` : plain
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
      if (isNode(node)) offset = node.range?.[0] ?? offset
    } else break
  }
  return offset
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message
}
