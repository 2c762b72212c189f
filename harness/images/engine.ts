import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'

import { z } from 'zod'

import { CommandError, type Run, run } from '../process.ts'
import { UserError } from '../user-error.ts'
import { cacheFolder } from './settings.ts'

/** The engine's part of `docker info` that this project reads. */
const infoSchema = z.object({
  ID: z.string().min(1),
  ServerVersion: z.string().min(1),
  Name: z.string(),
  OperatingSystem: z.string(),
  DockerRootDir: z.string(),
})

/** A Docker engine that answered. */
export interface Engine {
  readonly id: string
  readonly version: string
  /** Where the engine keeps images, in a path of this machine; `undefined` where the engine runs on another. */
  readonly localRoot: string | undefined
}

/** An engine that has not answered by then is not going to, in milliseconds: it answers in 20 ms when it is well. */
const answerLimitMs = 15_000

/**
 * Asks the engine who it is.
 * @throws {UserError} where none answers
 */
export async function engine(runs: Run = run): Promise<Engine> {
  let said: string
  try {
    const result = await runs('docker', ['info', '--format', '{{json .}}'], { timeoutMs: answerLimitMs, reject: false })
    const answered = infoSchema.safeParse(parseJson(result.stdout))
    if (answered.success) return engineFrom(answered.data, hostname())
    said = result.stderr.trim()
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw noAnswer({ endpoint: await endpoint(runs), said: error.message, cause: error })
  }
  throw noAnswer({ endpoint: await endpoint(runs), said })
}

export function engineFrom(info: z.infer<typeof infoSchema>, thisHost: string): Engine {
  // An engine in a virtual machine (Docker Desktop) or on another host names a folder that is not ours.
  const isLocal = info.Name === thisHost && info.OperatingSystem !== 'Docker Desktop'
  return { id: info.ID, version: info.ServerVersion, localRoot: isLocal ? info.DockerRootDir : undefined }
}

/** Where docker looks for its engine, in words. */
async function endpoint(runs: Run): Promise<string> {
  if (process.env.DOCKER_HOST) return `${process.env.DOCKER_HOST} (DOCKER_HOST)`
  const format = '{{.Endpoints.docker.Host}} (context {{.Name}})'
  try {
    return (await runs('docker', ['context', 'inspect', '--format', format], { timeoutMs: answerLimitMs })).stdout
  } catch {
    return process.env.DOCKER_CONTEXT ? `context ${process.env.DOCKER_CONTEXT}` : 'its default address'
  }
}

interface Silence {
  readonly endpoint: string
  readonly said: string
  readonly cause?: unknown
}

export function noAnswer({ endpoint: at, said, cause }: Silence): UserError {
  const last = said.split('\n').findLast(Boolean) ?? 'it said nothing'
  return new UserError(`no Docker engine answers at ${at}: ${last}`, { hint: hintForSilence(at, said), cause })
}

function hintForSilence(at: string, said: string): string {
  if (/permission denied/i.test(said)) {
    return 'This user may not speak to the engine: `sudo usermod -aG docker "$USER"`, then log in again.'
  }
  if (at.includes('(DOCKER_HOST)'))
    return 'Start the engine that DOCKER_HOST names, or unset DOCKER_HOST and run ./setup.'
  if (/\(context (?!default\))/.test(at) || at.startsWith('context ')) {
    return 'Start the engine of this context, or choose another: `docker context use default`.'
  }
  return 'Run ./setup: it starts an engine where it can, and says what to install where it cannot.'
}

const gibibyte = 1024 ** 3

/** Bytes that must be free where the engine keeps its images and containers. */
const neededBytes = {
  /** A loaded node image of 1 GiB and what three nodes write in one run. */
  cluster: 3 * gibibyte,
  /** The same, and the file systems and layers of a build in progress. */
  build: 6 * gibibyte,
} as const

/**
 * Makes sure that the engine has room on its disk for a purpose, where this machine can see that disk.
 * @throws {UserError} where there is too little
 */
export async function requireRoom(on: Engine, purpose: keyof typeof neededBytes): Promise<void> {
  if (on.localRoot === undefined) return
  const free = await freeBytes(on.localRoot)
  if (free !== undefined) checkRoom({ free, purpose, folder: on.localRoot })
}

interface Room {
  /** Bytes. */
  readonly free: number
  readonly purpose: keyof typeof neededBytes
  readonly folder: string
}

export function checkRoom({ free, purpose, folder }: Room): void {
  const needed = neededBytes[purpose]
  if (free >= needed) return
  const what = purpose === 'cluster' ? 'a cluster' : 'building a node image'
  const { message, hint } = noRoom(
    `${(free / gibibyte).toFixed(1)} GiB are free in ${folder}, and ${what} needs ${needed / gibibyte} GiB`,
  )
  throw new UserError(message, { hint })
}

/** The error for an engine whose disk is full. */
export function noRoom(said: string, cause?: unknown): UserError {
  return new UserError(`the Docker engine has too little room on its disk: ${said}`, {
    hint: 'See what takes it with `docker system df`, remove what you can spare, or give the engine a larger disk.',
    cause,
  })
}

/** Whether a failure's text says that a disk is full. */
export function saysNoRoom(text: string): boolean {
  return /no space left on device|ENOSPC|disk quota exceeded/i.test(text)
}

async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** A container that has not come and gone by then, in milliseconds. */
const privilegedLimitMs = 60_000

/**
 * Makes sure that the engine runs privileged containers, by running one. Asked once for an engine and its version.
 * @param image an image that the engine has, with `true` in it
 * @throws {UserError} where it refuses
 */
export async function requirePrivileged(
  on: Engine,
  image: string,
  { runs = run, cache = cacheFolder() }: { readonly runs?: Run; readonly cache?: string } = {},
): Promise<void> {
  const known = path.join(cache, 'privileged', createHash('sha256').update(`${on.id} ${on.version}`).digest('hex'))
  if (existsSync(known)) return
  const args = ['run', '--rm', '--privileged', '--network', 'none', '--pull', 'never']
  const label = ['--label', 'clusterproof.run=engine-check']
  try {
    await runs('docker', [...args, ...label, '--entrypoint', 'true', image], { timeoutMs: privilegedLimitMs })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw refusal(on, image, error)
  }
  mkdirSync(path.dirname(known), { recursive: true })
  writeFileSync(known, '')
}

export function refusal(on: Engine, image: string, error: CommandError): UserError {
  if (saysNoRoom(error.stderr)) return noRoom(error.stderr.trim(), error)
  const refused = /unable to apply caps|operation not permitted|privileged/i.test(error.stderr)
  const last = error.stderr.trim().split('\n').at(-1) ?? error.message
  if (!refused) {
    return new UserError(`the Docker engine ${on.version} did not run a container of ${image}: ${last}`, {
      hint: `See whether \`docker run --rm --entrypoint true ${image}\` works; the engine's log says more.`,
      cause: error,
    })
  }
  return new UserError(`the Docker engine ${on.version} refuses privileged containers: ${last}`, {
    hint:
      'The nodes of a cluster are privileged containers. Use an engine that is not rootless and does not remap users; ' +
      "where root lacks CAP_SYS_RESOURCE, Docker 20.10 refuses them and Debian 13's docker.io does not.",
    cause: error,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
