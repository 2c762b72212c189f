import { appendFileSync, chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { run } from '../../harness/process.ts'

let copy: string

beforeEach(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'node-image-'))
  onTestFinished(() => rmSync(copy, { recursive: true }))
  cpSync(import.meta.dirname, copy, { recursive: true })
})

async function recipe(minor = '1.34'): Promise<string> {
  return (await run(path.join(copy, 'build'), ['--recipe', minor], { timeoutMs: 10_000 })).stdout
}

describe('build --recipe', () => {
  it('names what an image is made from, wherever the tree lies', async () => {
    const name = await recipe()
    expect(name).toMatch(/^[0-9a-f]{16}$/)
    const here = await run(path.join(import.meta.dirname, 'build'), ['--recipe', '1.34'], { timeoutMs: 10_000 })
    expect(here.stdout).toBe(name)
  })

  it.each([
    'build',
    'build.d/rootfs.sh',
    'archive/main.go',
    'flannel/go.sum',
    'go/kube/main.go',
    'go/pause/main.go',
    'go/versions/1.34.mod',
    'go/versions/1.34.sum',
    'node/etc/containerd/config.toml',
  ])('changes with %s', async (file) => {
    const before = await recipe()
    appendFileSync(path.join(copy, file), '\n')
    expect(await recipe()).not.toBe(before)
  })

  it('changes where a file is no longer a program', async () => {
    const before = await recipe()
    chmodSync(path.join(copy, 'node/usr/local/bin/entrypoint'), 0o644)
    expect(await recipe()).not.toBe(before)
  })

  it.each(['README.md', 'go/pin', 'go/versions/1.36.mod'])('does not change with %s', async (file) => {
    const before = await recipe()
    appendFileSync(path.join(copy, file), '\n')
    expect(await recipe()).toBe(before)
  })

  it('is another for each version', async () => {
    expect(await recipe('1.36')).not.toBe(await recipe('1.34'))
  })

  it('refuses a version that is not pinned', async () => {
    await expect(recipe('1.99')).rejects.toThrow(/1\.99 is not pinned; known: .*1\.34/)
  })
})
