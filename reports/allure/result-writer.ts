import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import type { Attachment, Globals, StepResult, TestResult, TestResultContainer } from 'allure-js-commons'
import type { EnvironmentInfo } from 'allure-js-commons/sdk'
import { FileSystemWriter, type Writer } from 'allure-js-commons/sdk/reporter'

/**
 * Writes results under names that come from what they are of, where Allure's own writer makes names up: what is written
 * twice stands there once. Each result has attachments of its own, also where their bytes are the same: Allure calls a
 * file that a second result refers to missing.
 */
export class ResultWriter implements Writer {
  readonly #files: FileSystemWriter
  /** What the result that comes next has attached, by the name that was made up for it. */
  #attached = new Map<string, (name: string) => void>()

  /** @param owners the ids of the results that will be written: what they left here before is removed */
  constructor(directory: string, owners: readonly string[]) {
    this.#files = new FileSystemWriter({ resultsDir: directory })
    removeFilesOf(directory, new Set(owners))
  }

  writeResult(result: TestResult): void {
    this.#settle(result.uuid, attachmentsOf(result))
    this.#files.writeResult(result)
  }

  writeGlobals(_name: string, globals: Globals): void {
    const owner = globals.attachments[0]?.name ?? 'run'
    this.#settle(owner.replaceAll(/\W+/g, '-'), globals.attachments)
    this.#files.writeGlobals(`${owner.replaceAll(/\W+/g, '-')}-globals.json`, globals)
  }

  writeAttachment(name: string, content: Buffer): void {
    this.#attached.set(name, (to) => this.#files.writeAttachment(to, content))
  }

  writeAttachmentFromPath(name: string, from: string): void {
    this.#attached.set(name, (to) => this.#files.writeAttachmentFromPath(to, from))
  }

  writeEnvironmentInfo(info: EnvironmentInfo): void {
    this.#files.writeEnvironmentInfo(info)
  }

  writeGroup(_group: TestResultContainer): void {}

  writeCategoriesDefinitions(): void {}

  /** Gives the attachments the names that they keep, and writes them. */
  #settle(owner: string, attachments: readonly Attachment[]): void {
    attachments.forEach((attachment, index) => {
      const write = this.#attached.get(attachment.source)
      if (write === undefined) return
      attachment.source = `${owner}-${index + 1}-attachment${extension(attachment.source)}`
      write(attachment.source)
    })
    this.#attached = new Map()
  }
}

function attachmentsOf(result: TestResult | StepResult): Attachment[] {
  return [...result.attachments, ...result.steps.flatMap((step) => attachmentsOf(step))]
}

/** `.tar.gz` as well as `.svg`. */
function extension(name: string): string {
  return /-attachment(\..*)?$/.exec(name)?.[1] ?? path.extname(name)
}

function removeFilesOf(directory: string, owners: ReadonlySet<string>): void {
  for (const name of namesIn(directory)) {
    const owner = /^(.+?)-(?:result\.json|\d+-attachment(?:\..*)?)$/.exec(name)?.[1]
    if (owner !== undefined && owners.has(owner)) rmSync(path.join(directory, name), { force: true })
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
