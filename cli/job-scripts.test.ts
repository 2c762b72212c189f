import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { run, type RunResult } from '../harness/process.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'job-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function script(name: string, lines: string): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${lines}\n`)
  chmodSync(file, 0o755)
  return file
}

const text = (...names: string[]) => readFileSync(path.join(folder, ...names), 'utf8')

describe('the first process of a pod', () => {
  /** In a project with another ./setup, and another Node.js: it says how it was called, and leaves what a run leaves. */
  function runShard(env: Record<string, string>, args: string[] = []): Promise<RunResult> {
    const entrypoint = 'project/deploy/runner-image/run-shard'
    mkdirSync(path.join(folder, path.dirname(entrypoint)), { recursive: true })
    copyFileSync(path.join(projectFolder, 'deploy/runner-image/run-shard'), path.join(folder, entrypoint))
    script('project/setup', `echo "$*" >'${folder}/setup-args'; exit "\${SETUP_CODE:-0}"`)
    const out = path.join(folder, 'out')
    script('bin/node', `echo "$*" >'${folder}/node-args'; mkdir -p ${out}/shard-2/work; exit "\${TEST_CODE:-0}"`)
    const PATH = `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`
    return run(path.join(folder, entrypoint), args, { reject: false, env: { PATH, OUT: out, ...env } })
  }

  it('runs the shard that the pod is, one more than its index, and ends with its exit code', async () => {
    const { exitCode } = await runShard({ SHARDS: '5', JOB_COMPLETION_INDEX: '1', TEST_CODE: '1' }, [
      '--project',
      'counter',
    ])
    expect(exitCode).toBe(1)
    expect(text('setup-args')).toBe('--offline\n')
    expect(text('node-args')).toBe(`cli/test.ts --shard 2/5 --out ${folder}/out/shard-2 --project counter\n`)
    expect(text('out/shard-2/exit-code')).toBe('1\n')
    expect(existsSync(path.join(folder, 'out/shard-2/work'))).toBe(false)
  })

  it('runs nothing where there is no engine, or nobody says which shard it is', async () => {
    const without = await runShard({ SHARDS: '5', JOB_COMPLETION_INDEX: '1', SETUP_CODE: '3' })
    expect(without.exitCode).toBe(3)
    expect(existsSync(path.join(folder, 'node-args'))).toBe(false)
    expect((await runShard({ SHARDS: '5' })).stderr).toContain('JOB_COMPLETION_INDEX')
  })
})

describe('deploy/collect', () => {
  /** Pods by their shards: `Running` ones hand over what is in the folder pods/shard-N. */
  function collect(phases: readonly string[], seconds: number): Promise<RunResult> {
    const pods = path.join(folder, 'pods')
    const kubectl = script(
      'kubectl',
      `while [ "$1" != get ] && [ "$1" != exec ]; do shift; done
case "$1 $2" in
'get job') echo ${phases.length} ;;
'get pods')
	set -- "\${4##*=}" ${phases.join(' ')}
	shift "$(($1 + 1))"
	echo "pod-x $1" ;;
exec*)
	shift 3
	command=$1
	shift
	case $command in
	test) test "$1" "${pods}/\${2#/out/}" ;;
	tar) tar -C ${pods} -cf - "$5" ;;
	touch) touch "${pods}/\${1#/out/}" ;;
	esac ;;
esac`,
    )
    const args = ['ns', 'suite', path.join(folder, 'taken'), String(seconds)]
    return run(path.join(projectFolder, 'deploy/collect'), args, { reject: false, env: { KUBECTL: kubectl } })
  }

  function left(number: number, code: string): void {
    const directory = path.join(folder, `pods/shard-${number}`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(path.join(directory, 'exit-code'), code)
    writeFileSync(path.join(directory, 'verdicts.json'), '{}')
  }

  it('takes what each shard has left, and lets its pod end', async () => {
    left(1, '0')
    left(2, '1')
    const { exitCode, stdout } = await collect(['Running', 'Running'], 60)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/shard 1: exit code 0[^]*shard 2: exit code 1/)
    for (const shard of ['shard-1', 'shard-2']) {
      expect(text('taken', shard, 'verdicts.json')).toBe('{}')
      expect(existsSync(path.join(folder, 'pods', shard, 'collected'))).toBe(true)
    }
  })

  it('says which pod has ended without it, and takes the others', async () => {
    left(2, '0')
    const { exitCode, stderr } = await collect(['Failed', 'Running'], 60)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('shard 1: pod pod-x ended before anybody came')
    expect(text('taken', 'shard-2', 'exit-code')).toBe('0')
  })

  it('does not wait for longer than it is told to', async () => {
    const { exitCode, stderr } = await collect(['Pending', 'Running'], 0)
    expect(exitCode).toBe(1)
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('nothing within 0 s of shard')
  })
})
