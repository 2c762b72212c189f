import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A statement at the top of a module, without comments. */
export interface Statement {
  /** The module, relative to the project, with slashes. */
  readonly file: string
  /** What it declares; null: nothing that another statement could name. */
  readonly name: string | null
  readonly text: string
}

interface Module {
  readonly statements: readonly Statement[]
  /** What it imports from modules of interest, by the name that it has here. */
  readonly imports: ReadonlyMap<string, { readonly file: string; readonly name: string }>
}

/**
 * The project's sources as statements that name each other. They are told apart by their lines, as the formatter leaves
 * them: what begins at the margin begins a statement, unless it is the end of one.
 */
export class Sources {
  readonly #project: string
  readonly #isOfInterest: (file: string) => boolean
  readonly #modules = new Map<string, Module>()

  /** @param isOfInterest whether a module is followed into, by its path relative to the project */
  constructor(project: string, isOfInterest: (file: string) => boolean) {
    this.#project = project
    this.#isOfInterest = isOfInterest
  }

  of(file: string): readonly Statement[] {
    return this.#module(file).statements
  }

  /** The statements that one names by a word, in its own module and in those of interest. */
  mentioned({ file, name: own, text }: Statement): Statement[] {
    const { statements, imports } = this.#module(file)
    const words = new Set(text.match(/[A-Za-z_$][\w$]*/g))
    const near = statements.filter(({ name }) => name !== null && name !== own && words.has(name))
    const far = [...words].flatMap((word) => {
      const imported = imports.get(word)
      return imported === undefined ? [] : this.of(imported.file).filter(({ name }) => name === imported.name)
    })
    return [...near, ...far]
  }

  /** A statement, and all that it leads to. */
  reach(from: Statement): Statement[] {
    const found = new Set([from])
    // A set hands out what is added to it while it is gone through.
    for (const statement of found) for (const next of this.mentioned(statement)) found.add(next)
    return [...found]
  }

  #module(file: string): Module {
    const known = this.#modules.get(file)
    if (known !== undefined) return known
    const texts = statementTexts(readFileSync(path.join(this.#project, file), 'utf8'))
    const module = {
      statements: texts
        .filter((text) => !text.startsWith('import '))
        .map((text) => ({ file, name: declaredName(text), text })),
      imports: new Map(texts.flatMap((text) => this.#imports(file, text))),
    }
    this.#modules.set(file, module)
    return module
  }

  #imports(file: string, text: string): [string, { file: string; name: string }][] {
    const [, names, from] = /^import \{([^}]*)\} from '(\.[^']+)'/.exec(text) ?? []
    if (names === undefined || from === undefined) return []
    const target = path.posix.join(path.posix.dirname(file), from)
    if (!this.#isOfInterest(target)) return []
    return names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => {
        const [imported = name, local = imported] = name.split(' as ')
        return [local, { file: target, name: imported }]
      })
  }
}

function statementTexts(source: string): string[] {
  const texts: string[] = []
  for (const line of source.split('\n')) {
    if (/^\s*(?:\/\/|\/\*|\*)/.test(line)) continue
    if (texts.length === 0 || /^[^\s)}\]]/.test(line)) texts.push(line)
    else texts.push(`${texts.pop() ?? ''}\n${line}`)
  }
  return texts
}

function declaredName(text: string): string | null {
  const [, name] = /^(?:export )?(?:async )?(?:function\*?|const|class) (\w+)/.exec(text) ?? []
  return name ?? null
}
