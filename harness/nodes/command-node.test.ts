import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { MissingCapability } from '../faults/fault.ts'
import { Journal } from '../journal.ts'
import { CommandError } from '../process.ts'
import type { NodeDefinition } from '../topology.ts'
import { CommandNode } from './command-node.ts'
import { rebooted } from './node.ts'
import { StubMachine } from './stub-machine.ts'

const time = vi.hoisted(() => ({ now: 0 }))

// Waits pass at once and take long: few processes are started in them.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms * 50
    return Promise.resolve()
  },
}))

let machine: StubMachine
let boots: Map<string, number>
let journal: Journal

beforeEach(() => {
  time.now = 0
  machine = new StubMachine()
  boots = new Map()
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-command-node-'))
  const clock = { now: () => time.now, wall: (at: number) => new Date(Date.UTC(2026, 0, 1) + at) }
  journal = new Journal(path.join(folder, 'journal.jsonl'), clock)
  onTestFinished(() => {
    machine[Symbol.dispose]()
    journal[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
})

function nodeWith(given: Pick<NodeDefinition, 'command' | 'power'>): CommandNode {
  return new CommandNode({ name: 'worker', roles: ['worker'], ...given }, { journal, boots })
}

async function connected(given: Pick<NodeDefinition, 'command' | 'power'>): Promise<CommandNode> {
  const node = nodeWith(given)
  await node.connect()
  return node
}

describe('a node with a command', () => {
  const commands = ['docker', 'ssh'] as const

  it.each(commands)('runs what it is given, word for word: %s', async (kind) => {
    const node = await connected({ command: machine[kind] })
    const words = ['a  b', "it's", '$HOME', '*', '']
    expect((await node.exec(['printf', '%s|', ...words])).stdout).toBe(`${words.join('|')}|`)
    const script = 'cat; echo "$1" >&2; exit 3'
    expect(await node.exec(['sh', '-c', script, 'sh', 'x  y'], { input: 'in', reject: false })).toMatchObject({
      stdout: 'in',
      stderr: 'x  y',
      exitCode: 3,
    })
    await expect(node.exec(['false'])).rejects.toBeInstanceOf(CommandError)
  })

  it.each(commands)('hands on the lines of what runs long: %s', async (kind) => {
    const node = await connected({ command: machine[kind] })
    const lines: string[] = []
    await node.stream(['printf', String.raw`%s\n`, 'a  b', 'c'], (line) => void lines.push(line)).done
    expect(lines).toEqual(['a  b', 'c'])
  })

  it('tells of its boot, and of the next', async () => {
    const node = await connected({ command: machine.docker })
    expect(boots).toEqual(new Map([['worker', machine.startedAt]]))
    const before = await node.bootEvidence()
    expect(before).toEqual({ startedAt: '2026-01-01T00:01:00.000Z', restarts: 0, pid: 1 })
    expect(await node.bootEvidence()).toEqual(before)
    machine.boot()
    const after = await node.bootEvidence()
    expect(rebooted(before, after)).toBe(true)
    expect(boots).toEqual(new Map([['worker', machine.startedAt]]))
    expect(journal.records().map(({ source, kind, subject }) => [source, kind, subject])).toEqual([
      ['engine', 'start', 'node/worker'],
    ])
  })

  it('is not taken for off when it is out of reach, and its last boot stands', async () => {
    const node = await connected({ command: machine.docker })
    machine.fall()
    expect(await node.running()).toBe(false)
    await expect(node.bootEvidence()).rejects.toThrow(/exit code 255 .*\n {2}no route to machine/)
    expect(boots.get('worker')).toBe(machine.startedAt)
  })

  it.each([
    ['fails', ['false'], /^false echo 'two {2}blanks': exit code 1/],
    ['is no program', ['./no-such-program'], /there is no such program/],
    ['says something else', ['echo', 'Welcome'], /^echo Welcome echo two {2}blanks said "Welcome echo two {2}blanks"/],
    ['runs nothing', ['true'], /^true echo two {2}blanks said ""/],
  ])('cannot be connected to where its command %s', async (_, command, message) => {
    await expect(nodeWith({ command }).connect()).rejects.toThrow(message)
    expect(boots.size).toBe(0)
  })

  it('cannot be connected to where its machine says nothing of its boot', async () => {
    const command = ['sh', '-c', 'case $1 in cat) echo what ;; *) exec "$@" ;; esac', 'sh']
    await expect(nodeWith({ command }).connect()).rejects.toThrow('printed no boot: "what"')
  })
})

describe('a node with power', () => {
  it.each(['stop', 'kill'] as const)('is off after %s, and on again after start', async (method) => {
    const node = await connected({ command: machine.docker, power: machine.power })
    const before = await node.bootEvidence()
    await node[method]()
    expect(machine.on).toBe(false)
    expect(await node.running()).toBe(false)
    expect(await node.bootEvidence()).toEqual({ ...before, pid: 0 })
    expect(boots.size).toBe(0)

    machine.prepareBoot()
    await node.start()
    expect(await node.running()).toBe(true)
    expect(rebooted(before, await node.bootEvidence())).toBe(true)
    expect(boots).toEqual(new Map([['worker', machine.startedAt]]))
  })

  it('still runs where its power command does nothing', async () => {
    const node = await connected({ command: machine.docker, power: { ...machine.power, cut: ['true'] } })
    const before = await node.bootEvidence()
    await node.kill()
    expect(await node.running()).toBe(true)
    expect(await node.bootEvidence()).toEqual(before)
    expect(boots.get('worker')).toBe(machine.startedAt)
  })

  it('is an error where its power command fails, and stays what it was', async () => {
    const node = await connected({ command: machine.docker, power: { ...machine.power, off: ['false'] } })
    await expect(node.stop()).rejects.toBeInstanceOf(CommandError)
    expect(await node.running()).toBe(true)
    expect(boots.has('worker')).toBe(true)
  })

  it('is an error, and no verdict, where it never answers again', async () => {
    const node = await connected({ command: machine.docker, power: { ...machine.power, on: ['true'] } })
    await node.kill()
    await expect(node.start()).rejects.toThrow(
      expect.objectContaining({
        name: 'Error',
        message: expect.stringMatching(/^worker answers after it was switched on: not within 5 min\n[^]*no route/),
      }),
    )
    expect(boots.size).toBe(0)
  })

  it('is not taken for started anew while the boot that was ended still answers', async () => {
    const node = await connected({ command: machine.docker, power: machine.power })
    await node.stop()
    // The same boot as before: it had only lost its network.
    await expect(node.start()).rejects.toThrow(/switched on: not within/)
    expect(boots.size).toBe(0)
  })
})

describe('a node without', () => {
  it('a command says which field is missing', async () => {
    const node = nodeWith({})
    expect(node.accessible).toBe(false)
    const missing = new MissingCapability('nothing runs commands on worker: give it nodes[].command')
    await expect(node.exec(['true'])).rejects.toThrow(missing)
    await expect(node.running()).rejects.toThrow(missing)
    await expect(node.bootEvidence()).rejects.toThrow(missing)
    expect(() => node.stream(['true'], () => undefined)).toThrow(missing)
  })

  it('power says which field is missing', async () => {
    const node = await connected({ command: machine.docker })
    const missing = new MissingCapability('nothing switches worker: give it nodes[].power')
    await expect(node.stop()).rejects.toThrow(missing)
    await expect(node.kill()).rejects.toThrow(missing)
    await expect(node.start()).rejects.toThrow(missing)
    expect(boots.has('worker')).toBe(true)
  })
})
