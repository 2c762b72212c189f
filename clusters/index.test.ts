import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'

import { openings } from '../harness/definition-openings.ts'
import { definitionSchema, warnings } from '../harness/topology.ts'
import { defaultCluster, named, resolveCluster } from './index.ts'

describe('the definitions', () => {
  it.each([...named])('%s has its own name, and nothing to be warned of', (name, definition) => {
    expect(definition.name).toBe(name)
    expect(definitionSchema.parse(definition)).toEqual(definition)
    expect(warnings(definition)).toEqual([])
  })

  it.each([...named])('%s reaches nothing beyond its own containers', (_, definition) => {
    expect(openings(definition)).toEqual([])
  })

  it('have among them the one that is used unless another is asked for', () => {
    expect(named.get(defaultCluster.name)).toBe(defaultCluster)
  })
})

describe('resolveCluster', () => {
  function file(name: string, text: string): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-clusters-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }

  it('finds a definition by its name', () => {
    for (const [name, definition] of named) expect(resolveCluster(name)).toBe(definition)
  })

  it('reads a file', () => {
    const mine = { ...defaultCluster, name: 'mine' }
    expect(resolveCluster(file('mine.yaml', stringify(mine)))).toEqual(mine)
    expect(resolveCluster(file('mine.json', JSON.stringify(mine)))).toEqual(mine)
  })

  it('is wrong usage with a name that there is not, and names those that there are', () => {
    expect(() => resolveCluster('kinder')).toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 2,
        message: 'there is no cluster definition named kinder',
        hint: expect.stringMatching(
          /^The named definitions are: kind\b.*\. A file is given by its path, such as \.\/kinder\.yaml\.$/,
        ),
      }),
    )
  })

  it.each(['./gone.yaml', 'gone.yaml', '/gone/kind', ''])('is wrong usage with %j', (reference) => {
    expect(() => resolveCluster(reference)).toThrow(expect.objectContaining({ name: 'UserError', exitCode: 2 }))
  })

  it('is wrong usage with a file that has a mistake in it, which it places', () => {
    const broken = file('broken.yaml', 'name: x\nprovider: king\n')
    expect(() => resolveCluster(broken)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('broken.yaml:2:1: provider: ') }),
    )
  })
})
