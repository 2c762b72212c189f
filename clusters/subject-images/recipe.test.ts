import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { subjects } from '../../harness/images/subjects.ts'
import { run } from '../../harness/process.ts'

let copy: string

beforeEach(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'subject-images-'))
  onTestFinished(() => rmSync(copy, { recursive: true }))
  const steps = 'node-image/build.d/steps.sh'
  mkdirSync(path.join(copy, path.dirname(steps)), { recursive: true })
  cpSync(path.join(import.meta.dirname, '..', steps), path.join(copy, steps))
  cpSync(import.meta.dirname, path.join(copy, 'subject-images'), { recursive: true })
})

async function recipe(name: string): Promise<string> {
  const program = path.join(copy, 'subject-images/build')
  return (await run(program, ['--recipe', name], { timeoutMs: 10_000 })).stdout
}

describe('build --recipe', () => {
  it.each([subjects.registry.image, subjects.elector.image])('names what $name is made from', async ({ build }) => {
    const [option, name = ''] = build?.recipeArgs ?? []
    expect(option).toBe('--recipe')
    const made = await recipe(name)
    expect(made).toMatch(/^[0-9a-f]{16}$/)
    const here = await run(path.join(import.meta.dirname, 'build'), ['--recipe', name], { timeoutMs: 10_000 })
    expect(here.stdout).toBe(made)
  })

  it.each(['build', 'registry/main.go', 'registry/go.sum', 'registry/image'])('changes with %s', async (file) => {
    const before = await recipe('registry')
    appendFileSync(path.join(copy, 'subject-images', file), '\n')
    expect(await recipe('registry')).not.toBe(before)
  })

  it.each(['README.md', 'elector/main.go'])('does not change with %s', async (file) => {
    const before = await recipe('registry')
    appendFileSync(path.join(copy, 'subject-images', file), '\n')
    expect(await recipe('registry')).toBe(before)
  })

  it('refuses what is no image of this folder', async () => {
    await expect(recipe('nginx')).rejects.toThrow(/there is no image nginx; known: elector registry/)
  })
})
