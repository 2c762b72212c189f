import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { onTestFinished } from 'vitest'

import { run } from '../harness/process.ts'

/** What the scripts take from the system; everything else on their PATH is a stub of a test. */
const borrowed = [
  'awk basename cat chmod cmp cp cut date dirname env flock grep gzip head ln mkdir mv nohup paste readlink',
  'rm sed setsid sha256sum sh sleep sort tail tar timeout touch tr uname wc',
]
  .join(' ')
  .split(' ')

const cleared = ['CLUSTERPROOF_CACHE', 'CLUSTERPROOF_KIND', 'CLUSTERPROOF_HELM', 'XDG_CACHE_HOME', 'DOCKER_HOST']

/** A machine as ./setup sees it: a copy of the scripts and a PATH of stubs. One that has everything, until a test changes it. */
export class FakeMachine {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'setup-'))
  /** What ./setup is run with; `TEST` is the folder that `at` looks into. */
  readonly environment: Record<string, string> = {
    PATH: this.at('bin'),
    HOME: this.at('home'),
    TEST: this.#folder,
    ...Object.fromEntries(cleared.map((name) => [name, ''])),
  }

  constructor() {
    onTestFinished(() => rmSync(this.#folder, { recursive: true }))
    for (const name of borrowed) this.#borrow(name)
    for (const name of ['setup', 'setup.d', 'tools']) {
      cpSync(path.resolve(import.meta.dirname, '..', name), this.at('project', name), { recursive: true })
    }
    this.file('project/package-lock.json', '{}')
    this.file('project/clusters/node-image/go/versions/1.34.mod', 'require k8s.io/kubernetes v1.34.4')
    this.file('project/clusters/node-image/go/versions/1.36.mod', 'require k8s.io/kubernetes v1.36.3')
    this.stub(
      'docker',
      '[ "$1" = version ] && [ -e "$TEST/engine" ] && echo 28.0.0 || { echo "Cannot connect" >&2; exit 1; }',
    )
    this.stub('id', 'echo 0')
    this.stub('node', 'case $1 in -p) echo 24.21.0 ;; *) echo "cli: $*"; exit ${CLI_EXIT:-0} ;; esac')
    this.stub(
      'npm',
      'mkdir -p node_modules; rm -f node_modules/.clusterproof-lock.json; sleep "${NPM_TAKES:-0}"; echo npm >>"$TEST/npm"',
    )
    this.stub('kind', 'echo 0.33.0')
    this.stub('helm', 'echo v3.22.0')
    this.stub('sysctl', 'echo 1024')
    this.file('engine', '')
  }

  at(...names: string[]): string {
    return path.join(this.#folder, ...names)
  }

  file(name: string, content: string): string {
    mkdirSync(path.dirname(this.at(name)), { recursive: true })
    // Never through a link: what is borrowed links to the system's own programs.
    rmSync(this.at(name), { force: true })
    writeFileSync(this.at(name), content)
    return this.at(name)
  }

  stub(name: string, script: string): void {
    chmodSync(this.file(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755)
  }

  without(name: string): void {
    rmSync(this.at('bin', name), { force: true })
  }

  /** Runs ./setup with nothing of this process's own environment. */
  async setup(...args: string[]) {
    return this.script('setup', ...args)
  }

  /** Runs a script of the project in the same way. */
  async script(name: string, ...args: string[]) {
    const none = Object.fromEntries(Object.keys(process.env).map((variable) => [variable, '']))
    const result = await run(this.at('project', name), args, {
      env: { ...none, ...this.environment },
      reject: false,
      timeoutMs: 20_000,
    })
    return { ...result, said: result.stdout + result.stderr }
  }

  #borrow(name: string): void {
    const folders = (process.env.PATH ?? '').split(path.delimiter)
    const found = folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file))
    mkdirSync(this.at('bin'), { recursive: true })
    if (found !== undefined) symlinkSync(found, this.at('bin', name))
  }
}
