import { describe, expect, it, vi } from 'vitest'

import { CommandError, type Run } from '../process.ts'
import { engineEndpoint, nearEngine, remoteHost } from './engine-endpoint.ts'

const inContext = (stdout: string) => vi.fn<Run>(async () => ({ stdout, stderr: '', exitCode: 0, durationMs: 1 }))
const usual = inContext('unix:///var/run/docker.sock default\n')

describe('the engine of the docker CLI', () => {
  it('is the one that DOCKER_HOST names, whatever the context is', async () => {
    const runs = inContext('unix:///other.sock other')
    expect(await engineEndpoint(runs, { DOCKER_HOST: 'tcp://ci:2376' })).toEqual({
      url: 'tcp://ci:2376',
      from: 'DOCKER_HOST',
    })
    expect(runs).not.toHaveBeenCalled()
  })

  it('is the context’s where DOCKER_HOST is not set, or empty', async () => {
    const endpoint = { url: 'unix:///var/run/docker.sock', from: 'context default' }
    expect(await engineEndpoint(usual, {})).toEqual(endpoint)
    expect(await engineEndpoint(usual, { DOCKER_HOST: '' })).toEqual(endpoint)
  })

  it('is not known where there is no docker, which others say', async () => {
    const failure = {
      command: 'docker',
      outcome: '',
      exitCode: 1,
      timedOut: false,
      stdout: '',
      stderr: '',
      cause: null,
    }
    const none: Run = () => Promise.reject(new CommandError(failure))
    expect(await nearEngine(none, {})).toBeNull()
  })
})

describe('an engine', () => {
  it.each([
    ['unix:///var/run/docker.sock', null],
    ['unix:///home/user/.docker/desktop/docker.sock', null],
    ['npipe:////./pipe/docker_engine', null],
    ['tcp://127.0.0.1:2375', null],
    ['tcp://localhost:2375', null],
    ['tcp://[::1]:2375', null],
    ['fd://', null],
    ['not an address', null],
    ['tcp://docker:2376', 'docker'],
    ['tcp://10.0.0.7:2376', '10.0.0.7'],
    ['https://build-1:2376', 'build-1'],
    ['ssh://ci@build-1', 'build-1'],
    // Also where a tunnel ends: its ports are still those of the machine behind it.
    ['ssh://localhost:2222', 'localhost'],
  ])('at %s is on the machine %s', (url, host) => {
    expect(remoteHost(url)).toBe(host)
  })

  it('of another machine is refused, with what would help', async () => {
    await expect(nearEngine(usual, { DOCKER_HOST: 'ssh://ci@build-1' })).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 3,
      message: expect.stringMatching(/ssh:\/\/ci@build-1 \(DOCKER_HOST\).*loopback of build-1/),
      hint: expect.stringMatching(/npm run shards:engines -- --engines ssh:.*ssh -L .*provider: existing/),
    })
    await expect(nearEngine(inContext('ssh://build-2 far'), {})).rejects.toMatchObject({
      message: expect.stringContaining('ssh://build-2 (context far)'),
    })
  })

  it('of a context becomes the DOCKER_HOST of everything else, unless its socket is the usual one', async () => {
    expect(await nearEngine(usual, {})).toBeNull()
    expect(await nearEngine(usual, { DOCKER_HOST: 'unix:///x.sock' })).toBeNull()
    const desktop = inContext('unix:///home/user/.docker/desktop/docker.sock desktop-linux')
    expect(await nearEngine(desktop, {})).toBe('unix:///home/user/.docker/desktop/docker.sock')
  })
})
