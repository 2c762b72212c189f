import type { ClusterNode } from '../nodes/node.ts'
import { CommandError } from '../process.ts'

/** What a script said of a machine, by the headings that it printed. */
export type Sections = ReadonlyMap<string, string>

/** The shell function that begins a section. */
const sectionFunction = String.raw`section() { printf '\n== %s\n' "$1"; }`

/**
 * For `journalctl --since`, within double quotes: the boot of the machine. The kernel below a machine in a container is not
 * started anew with it, so that `--boot` would go back further.
 */
export const sinceBoot = "-$(ps -o etimes= -p 1 | tr -d ' ')s"

export interface SectionOptions {
  /** What the script knows as `$1` and so on. */
  readonly words?: readonly string[]
  /** Milliseconds; default: as any command on a machine. */
  readonly timeoutMs?: number
}

/**
 * Runs a fixed script on a machine and returns its sections: one process in the place of a dozen. Null where the machine
 * does not answer.
 */
export async function readSections(
  node: Pick<ClusterNode, 'exec'>,
  script: string,
  options: SectionOptions = {},
): Promise<Sections | null> {
  const { sections, answered } = await sectionsSoFar(node, script, options)
  return answered ? sections : null
}

/** What a script has said by the time that it ended, or was cut off. */
export interface SectionsSoFar {
  readonly sections: Sections
  readonly answered: boolean
  /** Why there may be no more; empty: nobody said. */
  readonly problem: string
}

/** As `readSections`, with what a machine has said that does not answer in time. */
export async function sectionsSoFar(
  node: Pick<ClusterNode, 'exec'>,
  script: string,
  { words = [], timeoutMs }: SectionOptions = {},
): Promise<SectionsSoFar> {
  try {
    const command = ['sh', '-c', `${sectionFunction}\n${script}`, 'sh', ...words] as const
    const limit = timeoutMs === undefined ? {} : { timeoutMs }
    const { stdout, stderr } = await node.exec([...command], { reject: false, ...limit })
    return { sections: parseSections(stdout), answered: true, problem: stderr.trim() }
  } catch (error) {
    const said = error instanceof CommandError ? error.stdout : ''
    return { sections: parseSections(said), answered: false, problem: String(error) }
  }
}

/** Tells sections apart by their headings; what stands before the first is nobody's. */
export function parseSections(text: string): Sections {
  // Who ran the script has taken the last newline away, which the heading of an empty last section ends with.
  const parts = `\n${text}\n`.split(/\n== (.*)\n/).slice(1)
  const sections = new Map<string, string>()
  for (let index = 0; index < parts.length; index += 2) {
    sections.set(parts[index] ?? '', (parts[index + 1] ?? '').trim())
  }
  return sections
}
