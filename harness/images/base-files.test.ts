import { text } from 'node:stream/consumers'

import { extract } from 'tar-stream'
import { beforeEach, describe, expect, it } from 'vitest'

import type { Run, RunResult } from '../process.ts'
import { completeBase } from './base-files.ts'

const reference = 'ghcr.io/xenitab/spegel:v0.0.17'
const missing = 'Error response from daemon: Could not find the file /etc/os-release in container c1'

/** What the engine was asked for, without `docker`, and what it was given to copy. */
let asked: string[]
let copied: Uint8Array
/** What the engine says to some of it. */
let says: Record<string, Partial<RunResult> | Error>

beforeEach(() => {
  asked = []
  copied = new Uint8Array()
  says = { create: { stdout: 'c1\n' }, 'cp c1:/etc/os-release': { exitCode: 1, stderr: missing } }
})

const docker: Run = async (file, args, { input } = {}) => {
  expect(file).toBe('docker')
  const command = args.join(' ')
  asked.push(command)
  if (input instanceof Uint8Array) copied = input
  const said = Object.entries(says).find(([begins]) => command.startsWith(begins))?.[1] ?? {}
  if (said instanceof Error) throw said
  return { stdout: '', stderr: '', exitCode: 0, durationMs: 0, ...said }
}

async function files(): Promise<Record<string, { mode: number | undefined; content: string }>> {
  const archive = extract()
  archive.end(copied)
  const found: Record<string, { mode: number | undefined; content: string }> = {}
  for await (const entry of archive) found[entry.header.name] = { mode: entry.header.mode, content: await text(entry) }
  return found
}

describe('completeBase', () => {
  it('gives a program alone the files of its base, under the same name, and starts nothing', async () => {
    expect(await completeBase(reference, docker)).toBe(true)
    expect(asked).toEqual([
      expect.stringMatching(/^create --network none --label clusterproof\.run=[a-z0-9]{8} ghcr\.io\S+ -$/),
      'cp c1:/etc/os-release -',
      'cp - c1:/',
      `commit --change LABEL clusterproof.base=distroless-static --change LABEL clusterproof.run= c1 ${reference}`,
      'rm --force c1',
    ])
    const archive = await files()
    expect(Object.keys(archive).toSorted()).toEqual(['etc/group', 'etc/os-release', 'etc/passwd', 'tmp'])
    // Spegel refuses to run on what is no Debian, and nonroot is what its image names.
    expect(archive['etc/os-release']?.content).toContain('ID="debian"')
    expect(archive['etc/passwd']?.content).toContain('nonroot:x:65532:65532:')
    expect(archive['tmp']?.mode).toBe(0o1777)
  })

  it('leaves an image as it is that has them', async () => {
    says['cp c1:/etc/os-release'] = {}
    expect(await completeBase(reference, docker)).toBe(false)
    expect(asked.slice(2)).toEqual(['rm --force c1'])
  })

  it.each([
    missing,
    'Error: No such container:path: c1:/etc/os-release',
    'stat /etc/os-release: no such file or directory',
  ])('takes for missing what is: %s', async (stderr) => {
    says['cp c1:/etc/os-release'] = { exitCode: 1, stderr }
    expect(await completeBase(reference, docker)).toBe(true)
  })

  it('changes nothing where the engine does not tell', async () => {
    says['cp c1:/etc/os-release'] = { exitCode: 1, stderr: 'Cannot connect to the Docker daemon' }
    await expect(completeBase(reference, docker)).rejects.toThrow(
      `nobody can tell whether ${reference} has /etc/os-release: Cannot connect to the Docker daemon`,
    )
    expect(asked.slice(2)).toEqual(['rm --force c1'])
  })

  it('leaves no container behind where it cannot be made', async () => {
    says['commit'] = new Error('no space left on device')
    await expect(completeBase(reference, docker)).rejects.toThrow('no space left on device')
    expect(asked.at(-1)).toBe('rm --force c1')
  })
})
