import path from 'node:path'

import { provide } from '../../harness/images/provide.ts'
import { nodeImage } from '../../harness/images/request.ts'
import { Journal } from '../../harness/journal.ts'
import type { MachineFile } from '../../harness/nodes/machine-container.ts'
import type { Run } from '../../harness/run.ts'
import type { ClusterDefinition } from '../../harness/topology.ts'
import { floorFiles } from './floor.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'
import { provideLoadBalancer } from './stand-in-envoy.ts'

/** What contenders are given that no time is taken of: made when it is first needed, removed at the end. */
export class Arena implements AsyncDisposable {
  readonly run: Run
  readonly #owned = new AsyncDisposableStack()
  readonly #notes: string[] = []
  #image: Promise<string> | undefined
  #floorFiles: Promise<readonly MachineFile[]> | undefined
  #snapshot: Promise<Snapshot> | undefined
  #loadBalancer: Promise<void> | undefined

  constructor(run: Run) {
    this.run = run
  }

  /** What a reader of the figures must know of it. */
  get notes(): readonly string[] {
    return this.#notes
  }

  journal(name: string): Journal {
    return new Journal(path.join(this.run.out, 'journal', `${name}-${this.run.id}.jsonl`), this.run.clock)
  }

  /** The node image of a Kubernetes minor, by its name in the engine. */
  image(minor: string): Promise<string> {
    const { offline } = this.run
    this.#image ??= provide(nodeImage(minor), offline ? { offline } : {}).then(({ reference }) => reference)
    return this.#image
  }

  async floorFiles(minor: string): Promise<readonly MachineFile[]> {
    this.#floorFiles ??= floorFiles(this.run, await this.image(minor))
    return this.#floorFiles
  }

  snapshot(definition: ClusterDefinition): Promise<Snapshot> {
    this.#snapshot ??= this.#takeSnapshot(definition)
    return this.#snapshot
  }

  /** What kind puts before several control planes. */
  loadBalancer(minor: string): Promise<void> {
    this.#loadBalancer ??= this.#provideLoadBalancer(minor)
    return this.#loadBalancer
  }

  async #takeSnapshot(definition: ClusterDefinition): Promise<Snapshot> {
    using journal = this.journal('startup-snapshot-taken')
    const snapshot = this.#owned.use(await takeSnapshot(this.run, journal, definition))
    this.#notes.push(
      `the snapshot was taken in ${(snapshot.takenInMs / 1_000).toFixed(1)} s (stopped, committed, volumes copied), ` +
        'once, before anything of it was timed; coming back includes a copy of its volumes, which it needs again',
    )
    return snapshot
  }

  async #provideLoadBalancer(minor: string): Promise<void> {
    const { isStandIn } = this.#owned.use(await provideLoadBalancer(this.run, await this.image(minor)))
    if (!isStandIn) return
    this.#notes.push("kind-ha: in place of kind's envoy, which cannot be had here, stands haproxy of the node image")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }
}
