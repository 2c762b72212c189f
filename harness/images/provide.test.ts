import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'

import { pack } from 'tar-stream'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { CommandError, type Run, type stream } from '../process.ts'
import { describeProvided, MissingImage, provide, type ProvideOptions } from './provide.ts'
import type { ImageBuild, ImageRequest } from './request.ts'

const own = 'clusterproof/node:v1.34.4'
const digest = `sha256:${'ab'.repeat(32)}`
const build: ImageBuild = {
  image: own,
  program: 'clusters/node-image/build',
  args: ['1.34', own],
  recipeArgs: ['--recipe', '1.34'],
}
const image: ImageRequest = {
  name: own,
  accepted: [own, 'kindest/node:v1.34.*'],
  pull: `kindest/node:v1.34.11@${digest}`,
  build,
}

/** An engine that holds names, a registry that has some, and a builder: what `docker` would do, without it. */
class FakeDocker {
  readonly held = new Set<string>()
  readonly published = new Set<string>()
  readonly commands: string[] = []
  archived = 'a/b:1'
  pullFailure = 'Error response from daemon: dial tcp: lookup registry: no such host'
  builds = true
  /** The label of what it holds, and what the tree's build says. */
  label = 'this recipe'
  recipe = 'this recipe'

  readonly run: Run = async (program, args) => {
    const [command, ...rest] = args
    const last = rest.at(-1) ?? ''
    this.commands.push(args.slice(0, 2).join(' '))
    if (program.endsWith('clusters/node-image/build') && command === '--recipe') return answer(`${this.recipe}\n`)
    if (command === 'image' && rest[0] === 'inspect') {
      if (!this.held.has(last)) return answer('', `Error: No such image: ${last}`, 1)
      return answer(rest.includes('{{.Id}}') ? `sha256:${last}` : this.label)
    }
    if (command === 'image') return answer([...this.held].join('\n'))
    if (command === 'load') return this.#hold(this.archived)
    if (command === 'pull')
      return this.published.has(last) ? this.#hold(last.replace(/:[^:@]*@/, '@')) : fail(this.pullFailure)
    if (command === 'tag') return this.#hold(last)
    return fail(`unknown command ${command}`)
  }

  readonly stream: typeof stream = (_, args, { onLine }) => {
    this.commands.push('build')
    onLine('compiling', 'stdout')
    if (this.builds) {
      this.held.add(args[1] ?? '')
      this.label = this.recipe
    }
    return { done: this.builds ? Promise.resolve() : fail('go: not found'), kill: () => {} }
  }

  #hold(name: string) {
    this.held.add(name)
    return answer('')
  }
}

const answer = (stdout: string, stderr = '', exitCode = 0) => ({ stdout, stderr, exitCode, durationMs: 1 })

function fail(stderr: string): Promise<never> {
  const details = {
    command: 'docker',
    outcome: 'exit code 1',
    exitCode: 1,
    timedOut: false,
    stdout: '',
    cause: undefined,
  }
  return Promise.reject(new CommandError({ ...details, stderr }))
}

let docker: FakeDocker
let said: string[]
let archives: string

beforeEach(async () => {
  docker = new FakeDocker()
  said = []
  archives = await mkdtemp(path.join(tmpdir(), 'provide-'))
  onTestFinished(() => rm(archives, { recursive: true }))
})

const provideIt = (wanted: ImageRequest, options: ProvideOptions = {}) =>
  provide(wanted, {
    engine: { id: 'e', version: '1', localRoot: undefined },
    run: docker.run,
    stream: docker.stream,
    offline: false,
    archives,
    cache: path.join(archives, 'cache'),
    say: (line) => said.push(line),
    ...options,
  })

async function saveArchive(...names: string[]): Promise<string> {
  const tar = pack()
  tar.entry({ name: 'manifest.json' }, JSON.stringify([{ RepoTags: names }]))
  tar.finalize()
  const file = path.join(archives, 'a.tar')
  await writeFile(file, await buffer(tar))
  return file
}

describe('provide', () => {
  it('takes what the engine has, and asks nobody else', async () => {
    docker.held.add(own).add('kindest/node:v1.34.11')
    const provided = await provideIt(image)
    expect(provided).toMatchObject({ reference: own, id: `sha256:${own}`, from: 'from the engine', missed: [] })
    expect(docker.commands.filter((command) => !command.startsWith('image'))).toEqual(['--recipe 1.34'])
    expect(said).toEqual([])
  })

  it.each(['another recipe', ''])(
    'builds its own again where the one in the engine has the label %j',
    async (label) => {
      docker.held.add(own)
      docker.label = label
      expect(await provideIt(image)).toMatchObject({ reference: own, from: 'built from source' })
      expect(said[0]).toBe(`the engine's ${own} is made from another recipe than this tree's`)
      expect(await provideIt(image)).toMatchObject({ reference: own, from: 'from the engine' })
    },
  )

  it("takes kind's image, which no recipe here makes, before it builds its own again", async () => {
    docker.held.add(own).add('kindest/node:v1.34.11')
    docker.label = 'another recipe'
    expect(await provideIt(image)).toMatchObject({ reference: 'kindest/node:v1.34.11', from: 'from the engine' })
  })

  it('asks for no recipe where the engine has no image of its own', async () => {
    docker.held.add('kindest/node:v1.34.11')
    await provideIt(image)
    expect(docker.commands).not.toContain('--recipe 1.34')
  })

  it("takes kind's image of the same minor where the engine has that", async () => {
    docker.held.add('kindest/node:v1.34.9').add('kindest/node:v1.34.11').add('kindest/node:v1.35.0')
    expect((await provideIt(image)).reference).toBe('kindest/node:v1.34.11')
  })

  it('then takes an archive', async () => {
    const file = await saveArchive('docker.io/a/b:1')
    docker.published.add('a/b:1')
    const provided = await provideIt({ name: 'a/b:1', accepted: ['a/b:1'], pull: 'a/b:1' })
    expect(provided).toMatchObject({ reference: 'a/b:1', from: `from the archive ${file}` })
    expect(docker.commands).not.toContain('pull --quiet')
  })

  it('takes an archive of its own image as it is, and says where this tree would make another', async () => {
    const file = await saveArchive(own)
    docker.archived = own
    expect((await provideIt(image)).from).toBe(`from the archive ${file}`)
    docker.label = 'another recipe'
    expect(await provideIt(image)).toMatchObject({
      reference: own,
      from: `from the archive ${file}, made from another recipe than this tree's`,
    })
    expect(docker.commands).not.toContain('build')
  })

  it('then pulls, and gives what was pulled by digest its name', async () => {
    docker.published.add(image.pull ?? '')
    const provided = await provideIt(image)
    expect(provided).toMatchObject({ reference: 'kindest/node:v1.34.11', from: 'pulled as kindest/node:v1.34.11' })
    expect(await provideIt(image)).toMatchObject({ reference: 'kindest/node:v1.34.11', from: 'from the engine' })
  })

  it('then builds, and remembers why it was not pulled', async () => {
    const provided = await provideIt(image)
    expect(provided).toMatchObject({ reference: own, from: 'built from source' })
    expect(provided.missed.at(-1)).toMatch(/kindest\/node:v1\.34\.11.* was not pulled: .*no such host/)
    expect(said).toContain('compiling')
  })

  it('does not build where the machine lacks what it is built with', async () => {
    const failed = provideIt({ ...image, build: { ...build, needs: 'no-such-program' } })
    await expect(failed).rejects.toBeInstanceOf(MissingImage)
    await expect(failed).rejects.toThrow(/was not pulled: .*; it is built with no-such-program, which is not here$/)
    expect(docker.commands).not.toContain('build')
  })

  it('asks no registry when it is offline', async () => {
    docker.published.add(image.pull ?? '')
    expect((await provideIt(image, { offline: true })).from).toBe('built from source')
    expect(docker.commands).not.toContain('pull --quiet')
  })

  it('stops at a disk that is full', async () => {
    docker.pullFailure = 'write /var/lib/docker/x: no space left on device'
    await expect(provideIt(image)).rejects.toMatchObject({
      message: expect.stringContaining('too little room'),
      exitCode: 3,
    })
    expect(docker.commands).not.toContain('build')
  })

  it('says what to do when the build fails', async () => {
    docker.builds = false
    await expect(provideIt(image)).rejects.toMatchObject({
      name: 'UserError',
      hint: expect.stringContaining(`clusters/node-image/build 1.34 ${own}`),
    })
  })

  it('names every way that it tried where none led there', async () => {
    const lost = provideIt({ name: 'a/b:1', accepted: ['a/b:1'], pull: 'a/b:1' }, { archives: undefined })
    await expect(lost).rejects.toThrow(/a\/b:1: the engine does not have it; .*no folder of archives; .*no such host/)
  })

  it('does not pass over a damaged archive', async () => {
    docker.published.add(image.pull ?? '')
    await writeFile(path.join(archives, 'node.tar.gz'), 'not an archive')
    await expect(provideIt(image)).rejects.toMatchObject({
      message: expect.stringContaining('node.tar.gz'),
      exitCode: 3,
    })
  })

  it('does not care about a damaged archive where a sound one has the image', async () => {
    await saveArchive('a/b:1')
    await writeFile(path.join(archives, 'node.tar.gz'), 'not an archive')
    expect((await provideIt({ name: 'a/b:1', accepted: ['a/b:1'] })).reference).toBe('a/b:1')
  })

  it('does not believe an engine that fails to say whether it has an image', async () => {
    const run: Run = async () => answer('', 'Cannot connect to the Docker daemon', 1)
    await expect(provideIt(image, { run })).rejects.toThrow(/does not say whether it has/)
  })
})

describe('describeProvided', () => {
  it('is one line with the way and the time', () => {
    const provided = { reference: own, id: 'sha256:1', from: 'from the engine', missed: [], tookMs: 123 }
    expect(describeProvided(image, provided)).toBe('image clusterproof/node:v1.34.4: from the engine (0.1 s)')
  })
})
