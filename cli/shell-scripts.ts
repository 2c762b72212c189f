import { readFileSync } from 'node:fs'
import path from 'node:path'

import { parseAst } from 'vitest/node'

/** What a module hands to a shell as a script. */
export interface ShellScript {
  /** The module, relative to the project, and the line. */
  readonly at: string
  readonly script: string
  /** Whether all of it is written down in the project. */
  readonly isFixed: boolean
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** Functions whose argument with that number ends up in a script. */
const scriptTakers: ReadonlyMap<string, number> = new Map([
  ['waitOnNode', 1],
  ['readSections', 1],
  ['sectionsSoFar', 1],
])

/** Of a module without any of these nothing has to be read. */
const signOfScripts = new RegExp(['[\'"]-c[\'"]', ...scriptTakers.keys()].join('|'))

/**
 * The scripts of a module: what follows `'sh', '-c'`, and what is given to functions that make a script of it. One is not
 * fixed where something stands in it that is known only when it runs: a name, a path, an answer of a cluster. Those go to
 * a shell as its arguments, `$1` and on. What is put together from texts that the project itself has written down is fixed.
 */
export function shellScripts(project: string, file: string): ShellScript[] {
  if (!signOfScripts.test(readFileSync(path.join(project, file), 'utf8'))) return []
  const module = new Module(project, file)
  return module.scripts().map((node) => module.described(node))
}

class Module {
  readonly #project: string
  readonly #file: string
  readonly #text: string
  readonly #nodes: readonly Node[]
  /** What each name is set to, at the module's top or in a function: all of that where it is several times. */
  readonly #constants = new Map<string, readonly Node[]>()
  readonly #imports = new Map<string, string>()

  constructor(project: string, file: string) {
    this.#project = project
    this.#file = file
    this.#text = readFileSync(path.join(project, file), 'utf8')
    this.#nodes = allNodes(parseAst(this.#text, { lang: 'ts' }))
    for (const node of this.#nodes) {
      if (node.type === 'VariableDeclaration' && node['kind'] === 'const') {
        for (const { id, init } of nodesIn(node['declarations']).map((each) => ({
          id: each['id'],
          init: each['init'],
        }))) {
          if (isNode(id) && id.type === 'Identifier' && isNode(init)) this.#declare(String(id['name']), init)
        }
      }
      const source = node['source']
      if (node.type === 'ImportDeclaration' && isNode(source) && String(source['value']).startsWith('.')) {
        for (const { local } of nodesIn(node['specifiers']).map((each) => ({ local: each['local'] }))) {
          if (isNode(local)) this.#imports.set(String(local['name']), String(source['value']))
        }
      }
    }
  }

  scripts(): Node[] {
    return this.#nodes.flatMap((node) => {
      if (node.type === 'ArrayExpression') return this.#afterShell(this.#flat(node['elements']))
      const callee = node['callee']
      if (node.type !== 'CallExpression' || !isNode(callee)) return []
      const taken = scriptTakers.get(String(callee['name']))
      const script = taken === undefined ? undefined : nodesIn(node['arguments'])[taken]
      return script === undefined ? [] : [script]
    })
  }

  isFixed(node: Node): boolean {
    const parts = (field: string) => nodesIn(node[field]).every((part) => this.isFixed(part))
    const part = (field: string) => {
      const inner = node[field]
      return isNode(inner) && this.isFixed(inner)
    }
    if (node.type === 'Literal') return true
    if (node.type === 'TemplateLiteral') return parts('expressions')
    if (node.type === 'TaggedTemplateExpression') return part('quasi')
    if (node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression') return part('expression')
    if (node.type === 'BinaryExpression') return part('left') && part('right')
    if (node.type === 'ConditionalExpression') return part('consequent') && part('alternate')
    if (node.type === 'ArrayExpression') return parts('elements')
    if (node.type === 'Identifier') return this.#isFixedName(String(node['name']))
    return this.#isFixedCall(node)
  }

  described(node: Node): ShellScript {
    const line = this.#text.slice(0, node.start).split('\n').length
    const script = this.#text.slice(node.start, node.end)
    return { at: `${this.#file}:${line}`, script, isFixed: this.isFixed(node) }
  }

  #declare(name: string, init: Node): void {
    this.#constants.set(name, [...(this.#constants.get(name) ?? []), init])
  }

  #isFixedName(name: string): boolean {
    const values = this.#constants.get(name)
    if (values !== undefined) return values.every((value) => this.isFixed(value))
    const from = this.#imports.get(name)
    if (from === undefined) return false
    return new Module(this.#project, path.join(path.dirname(this.#file), from)).#isFixedName(name)
  }

  /** `words.join(' ')` of fixed words, and the like. */
  #isFixedCall(node: Node): boolean {
    const callee = node['callee']
    if (node.type !== 'CallExpression' || !isNode(callee) || callee.type !== 'MemberExpression') return false
    const [text, method] = [callee['object'], callee['property']]
    if (!isNode(text) || !isNode(method) || !/^(?:join|replaceAll|trim)$/.test(String(method['name']))) return false
    return this.isFixed(text) && nodesIn(node['arguments']).every((argument) => this.isFixed(argument))
  }

  #afterShell(elements: readonly Node[]): Node[] {
    return elements.flatMap((element, index) => {
      const [dashC, script] = [elements[index + 1], elements[index + 2]]
      const isShell = /^(?:\/bin\/)?(?:ba|da|z)?sh$/.test(String(element['value'])) && dashC?.['value'] === '-c'
      return isShell && script !== undefined ? [script] : []
    })
  }

  /** With `...words` as the words that they are. */
  #flat(elements: unknown): Node[] {
    return nodesIn(elements).flatMap((element) => {
      const spread = element['argument']
      if (element.type !== 'SpreadElement' || !isNode(spread) || spread.type !== 'Identifier') return [element]
      const [init] = this.#constants.get(String(spread['name'])) ?? []
      return init?.type === 'ArrayExpression' ? this.#flat(init['elements']) : [element]
    })
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function nodesIn(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

function allNodes(root: unknown): Node[] {
  if (Array.isArray(root)) return root.flatMap(allNodes)
  if (!isNode(root)) return []
  return [root, ...Object.values(root).flatMap(allNodes)]
}
