import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { run } from '../process.ts'
import { writeEngineShim } from './kind-engine-shim.ts'

let folder: string
let shim: string

beforeAll(() => {
  // The engine's path has a space in it, as on some desktops, and what a shell would obey.
  folder = mkdtempSync(path.join(tmpdir(), "clusterproof'; exit 3; ' $(id) shim-"))
  const engine = path.join(folder, 'docker')
  // Says its arguments, each with an end that no argument has.
  writeFileSync(engine, '#!/bin/sh\nprintf \'%s\\0\' "$@"\nexit "${EXIT:-0}"\n')
  chmodSync(engine, 0o755)
  shim = path.join(writeEngineShim(path.join(folder, 'bin'), 'abcd1234', engine), 'docker')
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The arguments that the engine is called with. */
async function handedOn(...args: string[]): Promise<string[]> {
  const { stdout } = await run(shim, args)
  return stdout.split('\0').slice(0, -1)
}

const label = ['--label', 'clusterproof.run=abcd1234']

describe('the engine that kind sees', () => {
  it('labels each container that is made', async () => {
    expect(await handedOn('run', '--name', 'x', 'image')).toEqual(['run', ...label, '--name', 'x', 'image'])
  })

  it('labels the volume of /var, and leaves other volumes alone', async () => {
    expect(await handedOn('run', '--volume', '/var', '--volume', '/lib/modules:/lib/modules:ro', 'image')).toEqual([
      'run',
      ...label,
      '--mount',
      'type=volume,dst=/var,volume-label=clusterproof.run=abcd1234',
      '--volume',
      '/lib/modules:/lib/modules:ro',
      'image',
    ])
  })

  it('lets nodes restart as often as they are rebooted', async () => {
    expect(await handedOn('run', '--restart=on-failure:1', 'image')).toEqual([
      'run',
      ...label,
      '--restart=on-failure',
      'image',
    ])
  })

  it('makes all of it of what kind itself calls', async () => {
    // kind v0.33.0, pkg/cluster/internal/providers/docker/provision.go
    const args = ['--name', 'c-worker', '--detach', '--tty', '--label', 'io.x-k8s.kind.cluster=c', '--net', 'n']
    const rest = [
      '--tmpfs',
      '/tmp',
      '--volume',
      '/var',
      '-e',
      'KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER',
      'image@sha256:0',
    ]
    expect(await handedOn('run', ...args, '--restart=on-failure:1', '--init=false', ...rest)).toEqual([
      'run',
      ...label,
      ...args,
      '--restart=on-failure',
      '--init=false',
      '--tmpfs',
      '/tmp',
      '--mount',
      'type=volume,dst=/var,volume-label=clusterproof.run=abcd1234',
      ...rest.slice(4),
    ])
  })

  it.each([
    ['ps', '--all', '--filter', 'label=a b'],
    ['network', 'create', '--volume', '/var'],
    ['exec', '--privileged', '-i', 'n', 'run', '--restart=no'],
    ['--context', 'c', 'run', '--volume', '/var', 'image'],
    ['version'],
  ])('leaves every other call alone: %s', async (...args) => {
    expect(await handedOn(...args)).toEqual(args)
  })

  it('keeps every argument as it is, whatever is in it', async () => {
    const argument = fc
      .oneof(
        fc.string(),
        fc.constantFrom('', ' ', "it's", '"', '$HOME', '`id`', '*', 'a\nb', '\\', '--', '-e', '--volume'),
      )
      .filter((text) => !text.includes('\0') && !text.startsWith('--restart='))
    await fc.assert(
      fc.asyncProperty(fc.array(argument, { maxLength: 6 }), async (args) => {
        fc.pre(!args.some((text, index) => text === '--volume' && args[index + 1] === '/var'))
        expect(await handedOn('run', ...args)).toEqual(['run', ...label, ...args])
      }),
      { numRuns: 15 },
    )
  })

  it('ends as the engine ends', async () => {
    for (const args of [['run', 'image'], ['ps']]) {
      expect(await run(shim, args, { env: { EXIT: '125' }, reject: false })).toMatchObject({ exitCode: 125 })
    }
  })

  it('is a POSIX shell script', () => {
    expect(readFileSync(shim, 'utf8').split('\n')[0]).toBe('#!/bin/sh')
  })
})
