import { type Budget, budget } from '../budgets/budget.ts'
import { systemdStop } from '../budgets/constants.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import { MissingCapability } from '../faults/fault.ts'
import { waitContext } from '../faults/wait-context.ts'
import type { Journal } from '../journal.ts'
import { CommandError, run, type RunResult, stream, type StreamHandle } from '../process.ts'
import type { NodeDefinition, Role } from '../topology.ts'
import { type Boot, bootCommand, bootFrom } from './boot-reading.ts'
import type { BootEvidence, ClusterNode, ExecOptions } from './node.ts'
import { readerThatSaid, tellingCommand, type WordReader, wordsFor } from './word-reader.ts'

const execTimeoutMs = 20_000

/** As long as `eventually` waits for a probe: one that is left behind does not outlive it. */
const probeTimeoutMs = 5_000

/** A power command that waits until the machine is off waits for systemd's own limit, and for firmware. */
const powerTimeoutMs = systemdStop.ms + 90_000

const switchedOn = budget({
  name: 'start of a machine',
  ms: 300_000,
  source: 'harness: firmware, boot loader and the server that its command logs in to',
})
const shutDown = budget(systemdStop, { name: 'firmware', ms: 30_000, source: 'harness' })
const powerGone = budget({ name: 'power is cut', ms: 30_000, source: 'harness: a management controller obeys' })

/** What a {@link CommandNode} tells of. */
export interface CommandNodeSurroundings {
  readonly journal: Journal
  /** Boot times by name, as `BootTimes`: it writes its own. */
  readonly boots: Map<string, number>
}

/**
 * A machine that somebody else made, reached by the command that its definition gives. It is known by its own words
 * only: while its command is not answered, it may be off or out of reach.
 */
export class CommandNode implements ClusterNode {
  readonly name: string
  readonly roles: readonly Role[]
  readonly #definition: Pick<NodeDefinition, 'command' | 'power'>
  readonly #journal: Journal
  readonly #boots: Map<string, number>
  #reader: WordReader = 'program'
  /** The present boot, or the last one. Its time is from when it was first seen: the clock may be set later on. */
  #boot: Boot | undefined
  /** The boot that was ended by its power command; while that is the present one, the machine is off. */
  #ended: Boot | undefined
  /** How often it was switched off: what was read before that is no news after it. */
  #endings = 0

  constructor(
    { name, roles, ...definition }: Pick<NodeDefinition, 'name' | 'roles' | 'command' | 'power'>,
    { journal, boots }: CommandNodeSurroundings,
  ) {
    this.name = name
    this.roles = roles
    this.#definition = definition
    this.#journal = journal
    this.#boots = boots
  }

  /** Whether commands can be run on it at all. */
  get accessible(): boolean {
    return this.#definition.command !== undefined
  }

  /**
   * Finds out who reads the words of its command, and when it booted. Nothing else may be asked of it before.
   * @throws {CommandError | Error} where its command does not run what it is given
   */
  async connect(): Promise<void> {
    for (const reader of ['program', 'shell'] as const) {
      this.#reader = reader
      const { stdout } = await this.exec(tellingCommand)
      const said = readerThatSaid(stdout)
      // With its words quoted a shell says what a program says.
      if (said === 'program') break
      if (said === null || reader === 'shell') {
        throw new Error(`${this.#line(tellingCommand)} said ${JSON.stringify(stdout)} and not ${tellingCommand[1]}`)
      }
    }
    await this.bootEvidence()
  }

  exec(command: readonly [string, ...string[]], options: ExecOptions = {}): Promise<RunResult> {
    const { timeoutMs = execTimeoutMs, ...others } = options
    return this.#run(command, { timeoutMs, ...others })
  }

  stream(command: readonly [string, ...string[]], onLine: (line: string) => void): StreamHandle {
    const [file, ...args] = this.#argv(command)
    return stream(file, args, { onLine })
  }

  /** Switches it on, and returns once its command is answered by a boot that its power command did not end. */
  async start(): Promise<void> {
    await this.#power('on')
    try {
      await eventually(waitContext({ journal: this.#journal }), `${this.name} answers after it was switched on`, {
        probe: () => this.#read(),
        until: ({ id }) => id !== this.#ended?.id,
        within: switchedOn,
        describe: ({ id, startedAt }) => `boot ${id}, since ${new Date(startedAt).toISOString()}`,
      })
    } catch (error) {
      throw silentMachine(error)
    }
  }

  kill(): Promise<void> {
    return this.#end('cut', powerGone)
  }

  stop(): Promise<void> {
    return this.#end('off', shutDown)
  }

  async running(): Promise<boolean> {
    const [file, ...args] = this.#argv(['true'])
    try {
      return (await run(file, args, { timeoutMs: probeTimeoutMs, reject: false })).exitCode === 0
    } catch (error) {
      if (error instanceof CommandError) return false
      throw error
    }
  }

  /** @throws {CommandError} where its command is not answered, unless its power command ended it */
  async bootEvidence(): Promise<BootEvidence> {
    try {
      await this.#read()
      return this.#evidence(1)
    } catch (error) {
      if (this.#ended === undefined || !(error instanceof CommandError)) throw error
      return this.#evidence(0)
    }
  }

  #evidence(pid: number): BootEvidence {
    return { startedAt: new Date(this.#boot?.startedAt ?? 0).toISOString(), restarts: 0, pid }
  }

  /** Reads its present boot and makes it known. */
  async #read(): Promise<Boot> {
    const endings = this.#endings
    const { stdout } = await this.#run(bootCommand, { timeoutMs: probeTimeoutMs })
    const boot = bootFrom(stdout)
    if (endings !== this.#endings || boot.id === this.#ended?.id) return boot
    this.#ended = undefined
    if (boot.id !== this.#boot?.id) {
      if (this.#boot !== undefined) this.#journal.append('engine', 'start', `node/${this.name}`, boot)
      this.#boot = boot
    }
    // By the clock as it is set now: the kubelet's reports are by the same.
    this.#boots.set(this.name, boot.startedAt)
    return boot
  }

  async #end(how: 'off' | 'cut', within: Budget): Promise<void> {
    await this.#power(how)
    this.#endings += 1
    this.#ended = this.#boot
    this.#boots.delete(this.name)
    this.#journal.append('engine', how, `node/${this.name}`)
    if (await this.#falls(within)) return
    // Whoever asked sees that it still runs, and so must whoever asks for its boot.
    this.#ended = undefined
    await this.bootEvidence()
  }

  /** Whether its command is no longer answered, in time. */
  async #falls(within: Budget): Promise<boolean> {
    try {
      await eventually(waitContext({ journal: this.#journal }), `${this.name} is off`, {
        probe: () => this.running(),
        until: (answers) => !answers,
        within,
        describe: (answers) => (answers ? 'its command is answered' : 'its command is not answered'),
      })
      return true
    } catch (error) {
      if (error instanceof ExpectationFailed) return false
      throw error
    }
  }

  async #power(how: 'on' | 'off' | 'cut'): Promise<void> {
    const [file, ...args] = this.#definition.power?.[how] ?? []
    if (file === undefined) throw new MissingCapability(`nothing switches ${this.name}: give it nodes[].power`)
    await run(file, args, { timeoutMs: powerTimeoutMs })
  }

  async #run(command: readonly string[], options: ExecOptions): Promise<RunResult> {
    const [file, ...args] = this.#argv(command)
    return run(file, args, options)
  }

  #argv(command: readonly string[]): [string, ...string[]] {
    const [file, ...prefix] = this.#definition.command ?? []
    if (file === undefined)
      throw new MissingCapability(`nothing runs commands on ${this.name}: give it nodes[].command`)
    return [file, ...prefix, ...wordsFor(this.#reader, command)]
  }

  #line(command: readonly string[]): string {
    return this.#argv(command).join(' ')
  }
}

/** A machine that stays silent is no verdict on the cluster: it may be its command that is broken. */
function silentMachine(error: unknown): unknown {
  return error instanceof ExpectationFailed ? new Error(error.message, { cause: error }) : error
}
