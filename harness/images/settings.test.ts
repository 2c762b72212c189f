import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { archiveFolder, cacheFolder, chartFolder, isOffline } from './settings.ts'

describe('cacheFolder', () => {
  it.each([
    [{ CLUSTERPROOF_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }, '/c'],
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/clusterproof'],
    [{ CLUSTERPROOF_CACHE: '', XDG_CACHE_HOME: '', HOME: '/h' }, '/h/.cache/clusterproof'],
    [{}, path.join(homedir(), '.cache/clusterproof')],
  ])('%j', (env, folder) => {
    expect(cacheFolder(env)).toBe(folder)
  })
})

describe('isOffline', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['0', false],
    ['1', true],
    ['true', true],
  ])('CLUSTERPROOF_OFFLINE=%s', (value, offline) => {
    expect(isOffline({ CLUSTERPROOF_OFFLINE: value })).toBe(offline)
  })
})

const workspace = () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'archives-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

describe('archiveFolder', () => {
  it('is beside the project where there is one', () => {
    const folder = workspace()
    const project = path.join(folder, 'project')
    expect(archiveFolder({}, project)).toBeUndefined()
    mkdirSync(path.join(folder, 'shared/images'), { recursive: true })
    expect(archiveFolder({}, project)).toBe(path.join(folder, 'shared/images'))
  })

  it('is what CLUSTERPROOF_IMAGES names', () => {
    const folder = workspace()
    expect(archiveFolder({ CLUSTERPROOF_IMAGES: folder })).toBe(folder)
    expect(archiveFolder({ CLUSTERPROOF_IMAGES: '' })).toBeUndefined()
    expect(() => archiveFolder({ CLUSTERPROOF_IMAGES: path.join(folder, 'gone') })).toThrow(
      /gone, and there is no such/,
    )
  })
})

describe('chartFolder', () => {
  it('is beside the archives where there is one', () => {
    const folder = workspace()
    const project = path.join(folder, 'project')
    expect(chartFolder({}, project)).toBeUndefined()
    mkdirSync(path.join(folder, 'shared/images'), { recursive: true })
    expect(chartFolder({}, project)).toBeUndefined()
    mkdirSync(path.join(folder, 'shared/charts'))
    expect(chartFolder({}, project)).toBe(path.join(folder, 'shared/charts'))
    expect(chartFolder({ CLUSTERPROOF_IMAGES: path.join(folder, 'shared/images') })).toBe(
      path.join(folder, 'shared/charts'),
    )
    expect(chartFolder({ CLUSTERPROOF_IMAGES: '' }, project)).toBeUndefined()
  })

  it('is what CLUSTERPROOF_CHARTS names', () => {
    const folder = workspace()
    expect(chartFolder({ CLUSTERPROOF_CHARTS: folder })).toBe(folder)
    expect(chartFolder({ CLUSTERPROOF_CHARTS: '' })).toBeUndefined()
    expect(() => chartFolder({ CLUSTERPROOF_CHARTS: path.join(folder, 'gone') })).toThrow(/gone, and there is no such/)
  })
})
