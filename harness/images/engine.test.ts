import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { CommandError, type Run } from '../process.ts'
import { checkRoom, engine, engineFrom, noAnswer, requirePrivileged, requireRoom, saysNoRoom } from './engine.ts'

const gibibyte = 1024 ** 3
const info = {
  ID: 'e1',
  ServerVersion: '26.1.5',
  Name: 'here',
  OperatingSystem: 'Debian 12',
  DockerRootDir: '/var/lib/docker',
}

const answering =
  (stdout: string, stderr = '', exitCode = 0): Run =>
  async () => ({ stdout, stderr, exitCode, durationMs: 1 })

function failing(stderr: string): CommandError {
  return new CommandError({
    command: 'docker run',
    outcome: 'exit code 125',
    exitCode: 125,
    timedOut: false,
    stdout: '',
    stderr,
    cause: undefined,
  })
}

describe('engine', () => {
  it('reads who answers', async () => {
    expect(await engine(answering(JSON.stringify(info)))).toMatchObject({ id: 'e1', version: '26.1.5' })
  })

  it('knows the disk of an engine on this host only', () => {
    expect(engineFrom(info, 'here').localRoot).toBe('/var/lib/docker')
    expect(engineFrom(info, 'elsewhere').localRoot).toBeUndefined()
    expect(engineFrom({ ...info, OperatingSystem: 'Docker Desktop' }, 'here').localRoot).toBeUndefined()
  })

  it('says where none answers and what docker said', async () => {
    const silent: Run = async (_, [command]) =>
      command === 'context'
        ? { stdout: 'unix:///var/run/docker.sock (context default)', stderr: '', exitCode: 0, durationMs: 1 }
        : {
            stdout: JSON.stringify({ ...info, ID: '', ServerVersion: '' }),
            stderr: 'Cannot connect',
            exitCode: 1,
            durationMs: 1,
          }
    vi.stubEnv('DOCKER_HOST', undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(engine(silent)).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 3,
      message: 'no Docker engine answers at unix:///var/run/docker.sock (context default): Cannot connect',
      hint: expect.stringContaining('./setup'),
    })
  })

  it('says so where there is no docker at all', async () => {
    const none: Run = () => Promise.reject(failing('no such program'))
    await expect(engine(none)).rejects.toMatchObject({ message: expect.stringMatching(/^no Docker engine answers/) })
  })
})

describe('noAnswer', () => {
  it.each([
    ['unix:///var/run/docker.sock (context default)', 'permission denied while trying to connect', /usermod/],
    ['tcp://ci:2375 (DOCKER_HOST)', 'Cannot connect', /DOCKER_HOST/],
    ['unix:///u/desktop.sock (context desktop-linux)', 'Cannot connect', /docker context use/],
    ['unix:///var/run/docker.sock (context default)', '', /\.\/setup/],
  ])('at %s', (endpoint, said, hint) => {
    expect(noAnswer({ endpoint, said }).hint).toMatch(hint)
  })
})

describe('room', () => {
  it('needs 3 GiB for a cluster and 6 GiB for a build', () => {
    const folder = '/var/lib/docker'
    expect(() => checkRoom({ free: 3 * gibibyte, purpose: 'cluster', folder })).not.toThrow()
    expect(() => checkRoom({ free: 3 * gibibyte - 1, purpose: 'cluster', folder })).toThrow(
      /3\.0 GiB are free in \/var/,
    )
    expect(() => checkRoom({ free: 6 * gibibyte, purpose: 'build', folder })).not.toThrow()
    expect(() => checkRoom({ free: 5.5 * gibibyte, purpose: 'build', folder })).toThrow(
      /building a node image needs 6 GiB/,
    )
  })

  it('is not judged where the disk cannot be seen', async () => {
    await expect(requireRoom({ id: 'e', version: '1', localRoot: undefined }, 'build')).resolves.toBeUndefined()
    await expect(requireRoom({ id: 'e', version: '1', localRoot: '/no/such/folder' }, 'build')).resolves.toBeUndefined()
  })

  it('is known to be short from what a failed command said', () => {
    expect(saysNoRoom('write /var/lib/docker/tmp/x: no space left on device')).toBe(true)
    expect(saysNoRoom('no such host')).toBe(false)
  })
})

describe('requirePrivileged', () => {
  const asked = { id: 'e1', version: '20.10.24', localRoot: undefined }
  const newCache = () => {
    const cache = mkdtempSync(path.join(tmpdir(), 'privileged-'))
    onTestFinished(() => rmSync(cache, { recursive: true }))
    return cache
  }

  it('runs a container once for an engine and its version', async () => {
    const runs = vi.fn<Run>(answering(''))
    const options = { runs, cache: newCache() }
    await requirePrivileged(asked, 'node:1', options)
    await requirePrivileged(asked, 'node:1', options)
    expect(runs).toHaveBeenCalledOnce()
    expect(runs.mock.calls[0]?.[1]).toEqual(expect.arrayContaining(['--rm', '--privileged', '--label']))
    await requirePrivileged({ ...asked, version: '26.1.5' }, 'node:1', options)
    expect(runs).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['OCI runtime create failed: unable to apply caps: operation not permitted', /refuses privileged containers/],
    ['privileged mode is incompatible with user namespaces', /refuses privileged containers/],
    ['write /x: no space left on device', /too little room/],
    ['exec: "true": executable file not found in $PATH', /did not run a container of node:1/],
  ])('%s', async (stderr, message) => {
    const options = { runs: () => Promise.reject(failing(stderr)), cache: newCache() }
    const refused = requirePrivileged(asked, 'node:1', options)
    await expect(refused).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 3,
      message: expect.stringMatching(message),
    })
    // A refusal is not remembered.
    await requirePrivileged(asked, 'node:1', { ...options, runs: answering('') })
  })
})
