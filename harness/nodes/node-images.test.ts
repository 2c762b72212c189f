import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, FakeNode } from '../fake-cluster.ts'
import { MissingImage, type ProvidedImage } from '../images/provide.ts'
import { imageNamed, type ImageRequest } from '../images/request.ts'
import type { RunResult } from '../process.ts'
import { imagesOnNode } from './containerd.ts'
import { NodeImages } from './node-images.ts'
import type { ExecOptions } from './node.ts'

const ok = { stdout: '', stderr: '', exitCode: 0, durationMs: 5 }

/** A machine whose containerd keeps the names of what it is given: an archive of these tests holds its own. */
class Machine extends FakeNode {
  names: string[] = []
  fails = false
  imports = 0
  /** Set: an import waits for it. */
  gate: Promise<void> | null = null

  override async exec(command: readonly [string, ...string[]], { inputFile }: ExecOptions = {}): Promise<RunResult> {
    const words = command.slice(command.indexOf('ctr') + 1).join(' ')
    if (words === 'images ls -q') return { ...ok, stdout: this.names.join('\n') }
    if (words !== 'images import -') throw new Error(`nobody asked for this: ${words}`)
    this.imports += 1
    await this.gate
    if (this.fails) throw new Error('no space left on device')
    this.names.push(readFileSync(inputFile ?? '', 'utf8'))
    return ok
  }
}

let cluster: FakeCluster
let folder: string
let saved: string[][]
let machines: [Machine, Machine]
let images: NodeImages

const canonical = (name: string) => `docker.io/clusterproof/${name}`
const elector = imageNamed('clusterproof/elector:v1')
const other = imageNamed('clusterproof/other:v2')

function provide({ name }: ImageRequest): Promise<ProvidedImage> {
  if (name.includes('missing')) return Promise.reject(new MissingImage('no way', { hint: 'Walk.' }))
  const id = `sha256:${Buffer.from(name).toString('hex')}`
  return Promise.resolve({ reference: name, id, from: 'from the engine', missed: [], tookMs: 1 })
}

beforeEach(() => {
  cluster = fakeCluster(() => 0)
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-images-'))
  saved = []
  machines = [new Machine('a', ['control-plane']), new Machine('b', ['worker'])]
  images = nodeImages()
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await cluster[Symbol.asyncDispose]()
})

function nodeImages(): NodeImages {
  return new NodeImages({
    name: 'c',
    run: { workDirectory: folder, offline: true },
    journal: cluster.journal,
    provide,
    execute: async (file, args) => {
      saved.push([file, ...args])
      writeFileSync(args[2] ?? '', `docker.io/${args[3]}`)
      return ok
    },
  })
}

async function admitAll(): Promise<void> {
  for (const machine of machines) await images.admit(machine)
}

describe('NodeImages', () => {
  it('gives an image to every machine, and says what machines call it', async () => {
    await admitAll()
    expect(await images.load(elector)).toBe(canonical('elector:v1'))
    expect(machines.map(({ names }) => names)).toEqual([[canonical('elector:v1')], [canonical('elector:v1')]])
    expect(await imagesOnNode(machines[0])).toEqual([canonical('elector:v1')])
  })

  it('packs an image once, whichever cluster of the run asks for it', async () => {
    await admitAll()
    await images.load(elector)
    await images.load(elector)
    const second = nodeImages()
    await second.pack(elector)
    expect(saved).toHaveLength(1)
    expect(saved[0]?.slice(0, 3)).toEqual(['docker', 'save', '--output'])
    expect(machines.map(({ imports }) => imports)).toEqual([1, 1])
  })

  it('remembers what it gave, for machines that come later', async () => {
    await images.admit(machines[0])
    await images.load(elector)
    await images.pack(other)
    await images.admit(machines[1])
    expect(machines[1].names.toSorted()).toEqual([canonical('elector:v1'), canonical('other:v2')])
    expect(machines[0].names).toEqual([canonical('elector:v1')])
  })

  it('forgets no machine that comes while an image is given to the others', async () => {
    const gate = Promise.withResolvers<void>()
    await images.admit(machines[0])
    machines[0].gate = gate.promise
    const loading = images.load(elector)
    await expect.poll(() => machines[0].imports).toBe(1)
    await images.admit(machines[1])
    gate.resolve()
    await loading
    expect(machines[1].names).toEqual([canonical('elector:v1')])
  })

  it('gives an image anew where it was removed since', async () => {
    await admitAll()
    await images.load(elector)
    machines[1].names = []
    await images.load(elector)
    expect(machines.map(({ imports }) => imports)).toEqual([1, 2])
  })

  it('gives nothing to machines that are gone', async () => {
    await admitAll()
    images.dismiss(machines[1])
    machines[1].fails = true
    await images.load(elector)
    expect(machines[1].names).toEqual([])
  })

  it('fails where a machine does not take it, and gives it again when it is asked to', async () => {
    await admitAll()
    machines[1].fails = true
    await expect(images.load(elector)).rejects.toThrow('no space left')
    machines[1].fails = false
    await images.load(elector)
    expect(machines[1].names).toEqual([canonical('elector:v1')])
  })

  it('fails where a machine has taken something else', async () => {
    await admitAll()
    const packed = await images.pack(elector)
    expect(packed).toBe(canonical('elector:v1'))
    writeFileSync(saved[0]?.[3] ?? '', 'docker.io/library/impostor:latest')
    await expect(images.load(elector)).rejects.toThrow(
      /a has taken clusterproof_elector_v1-.*\.tar in and has no image/,
    )
  })

  it('passes on that an image cannot be had, and gives nothing then', async () => {
    await admitAll()
    await expect(images.load(imageNamed('clusterproof/missing:v1'))).rejects.toThrow(MissingImage)
    expect(existsSync(path.join(folder, 'images'))).toBe(false)
    expect(machines.map(({ imports }) => imports)).toEqual([0, 0])
  })
})
