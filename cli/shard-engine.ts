import { messageOf } from '../harness/error-message.ts'
import {
  CommandError,
  type Run as RunProcess,
  run as runProcess,
  type RunOptions,
  type RunResult,
  stream,
  type StreamHandle,
} from '../harness/process.ts'
import { runLabel } from '../harness/run.ts'
import { UserError } from '../harness/user-error.ts'

/** What an engine is asked: milliseconds. */
const askLimitMs = 60_000

/** The volume of an engine within may be of many gigabytes. */
const removeLimitMs = 120_000

/** An archive of 2 GB over a network of 10 Mbit/s takes 30 min. */
const transferLimitMs = 60 * 60_000

/** One shard as a container. */
export interface ShardContainer {
  /** From 1. */
  readonly shard: number
  readonly count: number
  readonly image: string
  /** The id of the run that it belongs to. */
  readonly run: string
  /** Flags of `npm test`. */
  readonly args: readonly string[]
}

/** The container is not on its engine any more, or has never been: what it has left is lost. */
export class ContainerGone extends Error {
  override readonly name = 'ContainerGone'
}

export interface ContainerState {
  readonly running: boolean
  readonly exitCode: number
}

/**
 * A Docker engine, here or on another machine, that shards run on: each in a privileged container that has an engine of its
 * own, as a pod of the Indexed Job has. Nothing is published, and nothing of this machine is mounted.
 */
export class ShardEngine {
  /** A context of the docker CLI, or an address as DOCKER_HOST has it. */
  readonly name: string
  readonly #flags: readonly string[]
  readonly #run: RunProcess

  constructor(name: string, run: RunProcess = runProcess) {
    this.name = name
    this.#flags = name.includes('://') ? ['--host', name] : ['--context', name]
    this.#run = run
  }

  /** @throws {UserError} where it does not answer, or cannot run the image */
  async requireReady(architecture: string | null): Promise<void> {
    const format = '{{.Server.Os}}/{{.Server.Arch}}'
    let platform: string
    try {
      platform = (await this.#docker(['version', '--format', format], askLimitMs)).stdout.trim()
    } catch (cause) {
      if (!(cause instanceof CommandError)) throw cause
      throw new UserError(`the Docker engine ${this.name} does not answer: ${messageOf(cause)}`, {
        hint: '`docker context ls` has the names; an address is one that DOCKER_HOST takes, such as ssh://ci@build-1.',
        cause,
      })
    }
    if (architecture === null || platform === `linux/${architecture}`) return
    throw new UserError(`the Docker engine ${this.name} runs ${platform}, and the image is of linux/${architecture}`, {
      exitCode: 2,
      hint: 'Build the image on a machine of that architecture (deploy/runner-image/build), and name it with --image.',
    })
  }

  /** What the engine knows the image by; null: it does not have it. */
  async imageId(image: string): Promise<string | null> {
    const args = ['image', 'inspect', '--format', '{{.Id}}', image]
    const { stdout, exitCode } = await this.#docker(args, askLimitMs, { reject: false })
    return exitCode === 0 ? stdout.trim() : null
  }

  async load(archive: string, signal: AbortSignal): Promise<void> {
    await this.#docker(['load', '--quiet', '--input', archive], transferLimitMs, { signal })
  }

  /** Starts a shard as the container of that name. */
  async start(name: string, { shard, count, image, run, args }: ShardContainer, signal: AbortSignal): Promise<void> {
    const environment = { SHARDS: count, JOB_COMPLETION_INDEX: shard - 1, COLLECT_SECONDS: 0 }
    const variables = Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    const labelled = ['--name', name, '--label', `${runLabel}=${run}`]
    // It speaks to nobody but its own engine. The control groups as a privileged pod has them: with a namespace of them the
    // engine within could divide nothing on v2.
    const powers = ['--privileged', '--cgroupns', 'host', '--network', 'none']
    await this.#docker(['run', '--detach', ...labelled, ...powers, ...variables, image, ...args], askLimitMs, {
      signal,
    })
  }

  /** @throws {ContainerGone} */
  async state(container: string): Promise<ContainerState> {
    const format = '{{.State.Running}} {{.State.ExitCode}}'
    const { stdout } = await this.#ofContainer(['container', 'inspect', '--format', format, container], askLimitMs)
    const [, running, exitCode] = /^(true|false) (\d+)$/.exec(stdout.trim()) ?? []
    if (running === undefined) throw new Error(`docker inspect says of ${container}: ${stdout.trim() || 'nothing'}`)
    return { running: running === 'true', exitCode: Number(exitCode) }
  }

  logs(container: string, onLine: (line: string) => void): StreamHandle {
    return stream('docker', [...this.#flags, 'logs', '--follow', container], { onLine })
  }

  /** Copies a folder out of a container, running or not, into a directory. @throws {ContainerGone} */
  async take(container: string, folder: string, directory: string): Promise<void> {
    await this.#ofContainer(['cp', `${container}:${folder}`, directory], transferLimitMs)
  }

  /** With the volume that its engine had. Twice: one that was being made when that was broken off comes after the first. */
  async remove(container: string): Promise<void> {
    for (let time = 1; time <= 2; time += 1) {
      try {
        await this.#ofContainer(['rm', '--force', '--volumes', container], removeLimitMs)
      } catch (error) {
        if (!(error instanceof ContainerGone)) throw error
      }
    }
  }

  async #ofContainer(args: readonly string[], timeoutMs: number): Promise<RunResult> {
    try {
      return await this.#docker(args, timeoutMs)
    } catch (error) {
      const isGone = error instanceof CommandError && /no such container/i.test(error.stderr)
      throw isGone ? new ContainerGone(`its container is gone: ${error.stderr.trim()}`, { cause: error }) : error
    }
  }

  #docker(args: readonly string[], timeoutMs: number, options: Omit<RunOptions, 'timeoutMs'> = {}): Promise<RunResult> {
    return this.#run('docker', [...this.#flags, ...args], { timeoutMs, ...options })
  }
}
