import { describe, expect, it } from 'vitest'

import { CommandError, run, stream } from './process.ts'

const node = process.execPath
const script = (code: string) => ['-e', code]

async function failureOf(promise: Promise<unknown>): Promise<CommandError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CommandError)
  return error as CommandError
}

describe('run', () => {
  it('returns what the process said, its exit code and its time', async () => {
    const result = await run(node, script('console.log("out"); console.error("err")'))
    expect(result).toMatchObject({ stdout: 'out', stderr: 'err', exitCode: 0 })
    expect(result.durationMs).toBeGreaterThan(0)
  })

  it('uses no shell', async () => {
    const { stdout } = await run(node, ['-p', 'process.argv[1]', '$(id) `id` ; id'])
    expect(stdout).toBe('$(id) `id` ; id')
  })

  it('hands the input over, and an empty one where none is given', async () => {
    const echo = script('process.stdin.pipe(process.stdout)')
    expect((await run(node, echo, { input: 'hello' })).stdout).toBe('hello')
    expect((await run(node, echo)).stdout).toBe('')
    expect((await run(node, echo, { inputFile: import.meta.filename })).stdout).toContain('hands the input over')
  })

  it('adds to the environment', async () => {
    const { stdout } = await run(node, ['-p', '[process.env.CLUSTERPROOF_X, !!process.env.PATH]'], {
      env: { CLUSTERPROOF_X: 'y' },
    })
    expect(stdout).toBe("[ 'y', true ]")
  })

  it('throws with the command, the exit code and the last lines of stderr', async () => {
    const noisy = 'for (let i = 0; i < 20; i++) console.error("line " + i); process.exitCode = 7'
    const error = await failureOf(run(node, script(noisy)))
    expect(error).toMatchObject({ exitCode: 7, timedOut: false })
    expect(error.message).toMatch(/: exit code 7 after [\d.]+ s\n {2}line 10\n/)
    expect(error.message).toMatch(/line 19$/)
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('shows stdout where stderr is empty', async () => {
    const error = await failureOf(run(node, script('console.log("on stdout"); process.exitCode = 1')))
    expect(error.message).toContain('on stdout')
  })

  it('returns another exit code where reject is false', async () => {
    expect(await run(node, script('process.exitCode = 7'), { reject: false })).toMatchObject({ exitCode: 7 })
  })

  it('throws when the time is over, also where reject is false', async () => {
    const forever = script('setInterval(() => {}, 1000)')
    const error = await failureOf(run(node, forever, { timeoutMs: 200, reject: false }))
    expect(error.timedOut).toBe(true)
    expect(error.message).toContain('no end within 0.2 s')
  })

  it('throws when it was cancelled', async () => {
    const error = await failureOf(
      run(node, script('setInterval(() => {}, 1000)'), { signal: AbortSignal.timeout(100) }),
    )
    expect(error.message).toContain('cancelled')
  })

  it('throws when there is no such program, also where reject is false', async () => {
    const error = await failureOf(run('clusterproof-no-such-program', [], { reject: false }))
    expect(error.exitCode).toBeUndefined()
    expect(error.message).toBe('clusterproof-no-such-program: there is no such program (or no such working directory)')
  })
})

describe('stream', () => {
  it('hands on each line with its source', async () => {
    const lines: string[] = []
    const code = 'console.log("a"); console.error("b"); process.stdout.write("c\\nd")'
    await stream(node, script(code), { onLine: (line, source) => lines.push(`${source} ${line}`) }).done
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(['stdout a', 'stdout c', 'stdout d'])
    expect(lines).toContain('stderr b')
  })

  it('hands a line on before the process ends', async () => {
    const first = Promise.withResolvers<string>()
    const handle = stream(node, script('console.log("up"); setInterval(() => {}, 1000)'), { onLine: first.resolve })
    expect(await first.promise).toBe('up')
    handle.kill()
    await handle.done
  })

  it('ends with its signal', async () => {
    const abort = new AbortController()
    const handle = stream(node, script('console.log("up"); setInterval(() => {}, 1000)'), {
      onLine: () => abort.abort(),
      signal: abort.signal,
    })
    await expect(handle.done).resolves.toBeUndefined()
  })

  it('rejects with the last lines when the process fails', async () => {
    const handle = stream(node, script('console.error("gone wrong"); process.exitCode = 3'), { onLine: () => {} })
    const error = await failureOf(handle.done)
    expect(error).toMatchObject({ exitCode: 3 })
    expect(error.message).toContain('gone wrong')
  })

  it('rejects when its reader throws, and ends the process', async () => {
    const handle = stream(node, script('console.log("up"); setInterval(() => {}, 1000)'), {
      onLine: () => {
        throw new Error('reader failed')
      },
    })
    await expect(handle.done).rejects.toThrow(/reader failed/)
  })

  it('rejects when there is no such program', async () => {
    const handle = stream('clusterproof-no-such-program', [], { onLine: () => {} })
    expect((await failureOf(handle.done)).message).toContain('no such program')
  })
})
