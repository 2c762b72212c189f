import { describe, expect, it, vi } from 'vitest'

import { CommandError, type Run as RunProcess } from '../harness/process.ts'
import { runShards, type ShardsRequest } from './engine-shards.ts'
import { ShardEngine } from './shard-engine.ts'

vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }))
vi.mock('../harness/process.ts', async (original) => ({
  ...(await original<typeof import('../harness/process.ts')>()),
  stream: () => ({ done: Promise.resolve(), kill: () => undefined }),
}))

const refused = (what: string, stderr = '') => {
  const details = { command: what, outcome: 'exit code 1', exitCode: 1, timedOut: false, stdout: '', stderr }
  return new CommandError({ ...details, cause: undefined })
}

/** An engine whose answers are those given, by the first word of what it is asked; all that it is asked is kept. */
function engine(name: string, answers: Readonly<Record<string, () => string>>) {
  const asked: string[][] = []
  const run: RunProcess = (_, args) => {
    const words = args.slice(2)
    asked.push(words)
    try {
      const stdout = answers[words[0] ?? '']?.() ?? ''
      return Promise.resolve({ stdout, stderr: '', exitCode: 0, durationMs: 1 })
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }
  return { asked, engine: new ShardEngine(name, run) }
}

function request(changes: Partial<ShardsRequest> = {}): ShardsRequest & { said: string[] } {
  const said: string[] = []
  return {
    count: 3,
    image: 'runner:v1',
    run: 'abcd1234',
    args: ['--project', 'counter'],
    directory: '/out',
    limitMs: 60_000,
    interrupted: new AbortController().signal,
    say: (line) => void said.push(line),
    said,
    ...changes,
  }
}

const ends = (exitCode: number) => ({ container: () => `false ${exitCode}` })

describe('runShards', () => {
  it('gives each engine a shard, and the next to the one that is free', async () => {
    const [one, other] = [engine('one', ends(0)), engine('other', ends(1))]
    const found = await runShards([one.engine, other.engine], request())
    expect(found.map(({ shard }) => shard)).toEqual([1, 2, 3])
    expect(new Set(found.map(({ engine: name, exitCode }) => `${name} ${exitCode}`))).toEqual(
      new Set(['one 0', 'other 1']),
    )
  })

  it('starts a shard as a privileged pod has it, takes what it left, and removes it with its volume', async () => {
    const { asked, engine: only } = engine('build-1', ends(0))
    await runShards([only], request({ count: 1 }))
    expect(asked.map((words) => words.join(' '))).toEqual([
      'run --detach --name clusterproof-shard-abcd1234-1 --label clusterproof.run=abcd1234 --privileged --cgroupns host --network none ' +
        '--env SHARDS=1 --env JOB_COMPLETION_INDEX=0 --env COLLECT_SECONDS=0 runner:v1 --project counter',
      'container inspect --format {{.State.Running}} {{.State.ExitCode}} clusterproof-shard-abcd1234-1',
      'cp clusterproof-shard-abcd1234-1:/out/shard-1 /out',
      'rm --force --volumes clusterproof-shard-abcd1234-1',
      'rm --force --volumes clusterproof-shard-abcd1234-1',
    ])
  })

  it('goes on asking an engine that does not answer for a while, and says so once', async () => {
    let asked = 0
    const inspect = () => {
      asked += 1
      if (asked < 4) throw refused('docker container inspect')
      return 'false 0'
    }
    const all = request({ count: 1 })
    const [found] = await runShards([engine('far', { container: inspect }).engine], all)
    expect(found).toMatchObject({ exitCode: 0, problem: '' })
    expect(all.said.filter((line) => line.includes('does not answer'))).toHaveLength(1)
  })

  it('gives what an engine cannot start to another, and that engine nothing more', async () => {
    const run = () => {
      throw refused('docker run')
    }
    const [bad, good] = [engine('bad', { run }), engine('good', ends(0))]
    const found = await runShards([bad.engine, good.engine], request({ count: 4 }))
    expect(found.map(({ engine: name, exitCode }) => `${name} ${exitCode}`)).toEqual(Array(4).fill('good 0'))
    expect(bad.asked.filter(([word]) => word === 'run')).toHaveLength(1)
    const none = await runShards([engine('bad', { run }).engine], request({ count: 2 }))
    expect(none).toMatchObject(
      [1, 2].map((shard) => ({ shard, exitCode: null, problem: expect.stringContaining('no engine') })),
    )
  })

  it('says that a container is gone, and asks no more', async () => {
    const container = () => {
      throw refused('docker container inspect', 'Error: No such container: x')
    }
    const { asked, engine: only } = engine('swept', { container })
    const [found] = await runShards([only], request({ count: 1 }))
    expect(found).toMatchObject({ exitCode: null, problem: expect.stringContaining('No such container') })
    expect(asked.map(([word]) => word)).toEqual(['run', 'container', 'rm', 'rm'])
  })

  it('asks again for what a shard has left, and leaves the container where it does not get it', async () => {
    let asked = 0
    const away = (times: number) => () => {
      asked += 1
      if (asked <= times) throw refused('docker cp')
      return ''
    }
    const [found] = await runShards([engine('far', { ...ends(0), cp: away(3) }).engine], request({ count: 1 }))
    expect(found).toMatchObject({ exitCode: 0, problem: '' })
    const { asked: words, engine: only } = engine('far', { ...ends(0), cp: away(Infinity) })
    const all = request({ count: 1 })
    expect(await runShards([only], all)).toMatchObject([{ exitCode: null }])
    expect(words.some(([word]) => word === 'rm')).toBe(false)
    expect(all.said.some((line) => line.includes('still in the container clusterproof-shard-abcd1234-1'))).toBe(true)
  })

  it('takes no answer that says nothing for an end', async () => {
    const answers = ['', 'false 7']
    const container = () => answers.shift() ?? ''
    const [found] = await runShards([engine('one', { container }).engine], request({ count: 1 }))
    expect(found).toMatchObject({ exitCode: 7 })
  })

  it('says where a container may still be', async () => {
    const rm = () => {
      throw refused('docker rm')
    }
    const all = request({ count: 1 })
    await runShards([engine('one', { ...ends(0), rm }).engine], all)
    expect(all.said.some((line) => line.includes('may still be on one'))).toBe(true)
  })

  it('ends one that takes too long, with what it has', async () => {
    const { asked, engine: only } = engine('one', { container: () => 'true 0' })
    const [found] = await runShards([only], request({ count: 1, limitMs: 0 }))
    expect(found).toMatchObject({ exitCode: null, problem: 'no end within 0 s' })
    expect(asked.map(([word]) => word)).toEqual(['run', 'cp', 'rm', 'rm'])
  })

  it('starts no more once it is told to end, and removes what it has started', async () => {
    const stop = new AbortController()
    const container = () => {
      stop.abort()
      return 'true 0'
    }
    const { asked, engine: only } = engine('one', { container })
    const found = await runShards([only], request({ interrupted: stop.signal }))
    expect(found).toMatchObject([{ shard: 1, exitCode: null, problem: 'interrupted' }])
    expect(asked.at(-1)?.[0]).toBe('rm')
  })
})

describe('ShardEngine', () => {
  it('is a context, or an address', async () => {
    const seen: (readonly string[])[] = []
    const run: RunProcess = (_, args) => {
      seen.push(args)
      return Promise.resolve({ stdout: 'linux/amd64', stderr: '', exitCode: 0, durationMs: 1 })
    }
    await new ShardEngine('build-1', run).requireReady(null)
    await new ShardEngine('ssh://ci@build-2', run).requireReady('amd64')
    expect(seen.map((args) => args.slice(0, 2))).toEqual([
      ['--context', 'build-1'],
      ['--host', 'ssh://ci@build-2'],
    ])
  })

  it('is refused where it cannot run the image, or does not answer', async () => {
    const arm = engine('arm', { version: () => 'linux/arm64' }).engine
    await expect(arm.requireReady('amd64')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('arm runs linux/arm64'),
    })
    const gone = engine('gone', {
      version: () => {
        throw refused('docker version')
      },
    }).engine
    await expect(gone.requireReady(null)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('gone does not answer'),
    })
  })
})
