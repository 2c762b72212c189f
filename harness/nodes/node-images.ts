import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'

import { provide as provideImage, type ProvidedImage } from '../images/provide.ts'
import { canonicalName, parseReference } from '../images/reference.ts'
import type { ImageRequest } from '../images/request.ts'
import type { Journal } from '../journal.ts'
import { run as runProcess } from '../process.ts'
import type { Run } from '../run.ts'
import { ctr, imagesOnNode } from './containerd.ts'
import type { ClusterNode } from './node.ts'

/** Packing and unpacking 100 MB takes seconds; a busy host may take minutes. */
const limitMs = 5 * 60_000

type Machine = Pick<ClusterNode, 'name' | 'exec'>

/** An image in a file, as `docker save` writes it. */
interface PackedImage {
  /** The name that machines know it by. */
  readonly name: string
  readonly file: string
}

export interface NodeImagesOptions {
  /** Name of the cluster. */
  readonly name: string
  readonly run: Pick<Run, 'workDirectory' | 'offline'>
  readonly journal: Journal
  readonly provide?: typeof provideImage
  readonly execute?: typeof runProcess
}

/**
 * Images that the machines of a cluster are given, because they can pull none: each goes through the engine into a file
 * of the run's, and from there into every machine's containerd. It is remembered, for machines that come later.
 */
export class NodeImages {
  readonly #options: NodeImagesOptions
  readonly #machines = new Set<Machine>()
  readonly #packed = new Map<string, PackedImage>()
  /** What each machine was given, or is being given. */
  readonly #given = new WeakMap<Machine, Map<PackedImage, Promise<void>>>()

  constructor(options: NodeImagesOptions) {
    this.#options = options
  }

  /**
   * Gets an image and packs it: every machine that is admitted from now on is given it.
   * @returns its name in full, as machines know it: `docker.io/library/busybox:latest`
   * @throws {MissingImage} where no way leads to it
   */
  async pack(image: ImageRequest): Promise<string> {
    return (await this.#pack(image)).name
  }

  /** Gets an image and gives it to every machine, also to those that are admitted later. @throws {MissingImage} */
  async load(image: ImageRequest): Promise<string> {
    const packed = await this.#pack(image)
    await Promise.all([...this.#machines].map((machine) => this.#give(machine, packed)))
    return packed.name
  }

  /** Takes a machine in whose containerd runs, and gives it all images so far. */
  async admit(machine: Machine): Promise<void> {
    this.#machines.add(machine)
    await Promise.all([...this.#packed.values()].map((packed) => this.#give(machine, packed)))
  }

  /** A machine that is gone is given nothing more. */
  dismiss(machine: Machine): void {
    this.#machines.delete(machine)
  }

  async #pack(image: ImageRequest): Promise<PackedImage> {
    const { name, run, journal, provide = provideImage, execute = runProcess } = this.#options
    const { reference, id, from } = await provide(image, run.offline ? { offline: true } : {})
    const file = path.join(run.workDirectory, 'images', fileName({ reference, id }))
    const known = this.#packed.get(file)
    if (known !== undefined) return known
    const packed = { name: canonicalName(parseReference(reference)), file }
    // Another cluster of the run may have packed it already. docker save replaces a file at its end, never half-way.
    if (!(await exists(file))) {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
      await execute('docker', ['save', '--output', file, reference], { timeoutMs: limitMs })
    }
    journal.append('cluster', 'image-packed', name, { image: packed.name, id, from })
    this.#packed.set(file, packed)
    return packed
  }

  async #give(machine: Machine, packed: PackedImage): Promise<void> {
    const given = this.#given.get(machine) ?? new Map<PackedImage, Promise<void>>()
    this.#given.set(machine, given)
    const before = given.get(packed)
    if (before !== undefined) {
      await before
      // It may have been removed there since.
      if ((await imagesOnNode(machine)).includes(packed.name)) return
    }
    const giving = this.#import(machine, packed)
    given.set(packed, giving)
    try {
      await giving
    } catch (error) {
      given.delete(packed)
      throw error
    }
  }

  async #import(machine: Machine, { name, file }: PackedImage): Promise<void> {
    const { durationMs } = await machine.exec(ctr('images', 'import', '-'), { inputFile: file, timeoutMs: limitMs })
    if (!(await imagesOnNode(machine)).includes(name)) {
      throw new Error(`${machine.name} has taken ${path.basename(file)} in and has no image ${name}`)
    }
    this.#options.journal.append('cluster', 'image-given', `node/${machine.name}`, { image: name, tookMs: durationMs })
  }
}

/** `clusterproof_elector_v1-0123456789ab.tar`: another image of the same name has another. */
function fileName({ reference, id }: Pick<ProvidedImage, 'reference' | 'id'>): string {
  return `${reference.replaceAll(/[^\w.-]/g, '_')}-${id.replace(/^sha256:/, '').slice(0, 12)}.tar`
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
