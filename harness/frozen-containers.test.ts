import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { thawContainers } from './frozen-containers.ts'

const directories: string[] = []
afterEach(() => directories.splice(0).forEach((directory) => rmSync(directory, { recursive: true })))

function freezer(groups: Readonly<Record<string, string>>): { directory: string; state: (group: string) => string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'freezer-'))
  directories.push(directory)
  for (const [group, state] of Object.entries(groups)) {
    mkdirSync(path.join(directory, group), { recursive: true })
    writeFileSync(path.join(directory, group, 'freezer.state'), `${state}\n`)
  }
  return { directory, state: (group) => readFileSync(path.join(directory, group, 'freezer.state'), 'utf8').trim() }
}

describe('thawContainers', () => {
  it('thaws containers in a machine, however deep, and no other machine', () => {
    const { directory, state } = freezer({
      'docker/aaa': 'THAWED',
      'docker/aaa/kubelet/kubepods/pod1/c1': 'FROZEN',
      'docker/aaa/kubelet/kubepods/pod2/c2': 'FREEZING',
      'docker/bbb/kubelet/kubepods/pod3/c3': 'FROZEN',
    })

    expect(thawContainers(['aaa'], directory)).toBe(2)
    expect(state('docker/aaa/kubelet/kubepods/pod1/c1')).toBe('THAWED')
    expect(state('docker/aaa/kubelet/kubepods/pod2/c2')).toBe('THAWED')
    expect(state('docker/bbb/kubelet/kubepods/pod3/c3')).toBe('FROZEN')
  })

  it('knows the names that systemd gives control groups', () => {
    const { directory, state } = freezer({ 'system.slice/docker-aaa.scope/c1': 'FROZEN' })

    expect(thawContainers(['aaa'], directory)).toBe(1)
    expect(state('system.slice/docker-aaa.scope/c1')).toBe('THAWED')
  })

  it('takes an id that is not known for no container, and not for all', () => {
    const { directory, state } = freezer({ 'docker/aaa': 'FROZEN' })

    expect(thawContainers([''], directory)).toBe(0)
    expect(state('docker/aaa')).toBe('FROZEN')
  })

  it('does nothing where the host has no such hierarchy', () => {
    expect(thawContainers(['aaa'], '/nowhere/freezer')).toBe(0)
  })
})
