import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { NodeDefinition } from '../topology.ts'

/**
 * A machine for unit tests: a directory, and commands that are real processes. Its commands run on this machine; only
 * what it says of its boot is its own.
 */
export class StubMachine implements Disposable {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'clusterproof-machine-'))
  #boots = 0

  constructor() {
    this.#write('docker', script('exec "$@"'))
    // ssh hands its words, joined with blanks, to the shell of whoever logs in.
    this.#write('ssh', script('exec sh -c "$*"'))
    this.#write('power', power)
    this.boot()
  }

  /** Commands as `docker exec NAME` and `ssh NAME` are. */
  get docker(): readonly string[] {
    return [path.join(this.#directory, 'docker')]
  }

  get ssh(): readonly string[] {
    return [path.join(this.#directory, 'ssh')]
  }

  get power(): NonNullable<NodeDefinition['power']> {
    const does = (what: string) => [path.join(this.#directory, 'power'), what]
    return { on: does('on'), off: does('off'), cut: does('cut') }
  }

  get on(): boolean {
    return existsSync(path.join(this.#directory, 'on'))
  }

  /** When the present boot began, in milliseconds since the epoch: a minute after the one before. */
  get startedAt(): number {
    return Date.UTC(2026, 0, 1, 0, this.#boots)
  }

  /** It was restarted, and runs. */
  boot(): void {
    this.prepareBoot()
    this.#write('boot', this.#next)
    this.#write('on', '')
  }

  /** What its next start by a power command leads to. */
  prepareBoot(): void {
    this.#boots += 1
    this.#write('next', this.#next)
  }

  /** It no longer runs, or is out of reach. */
  fall(): void {
    rmSync(path.join(this.#directory, 'on'))
  }

  get #next(): string {
    const kernel = Date.UTC(2026, 0, 1) / 1_000
    const stat = `1 (systemd) S ${'0 '.repeat(18)}${this.#boots * 6_000} 0`
    return `${stat}\nbtime ${kernel}\n3f1a2b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b\n`
  }

  #write(name: string, content: string): void {
    const file = path.join(this.#directory, name)
    writeFileSync(file, content)
    chmodSync(file, 0o755)
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true })
  }
}

function script(runs: string): string {
  return `#!/bin/sh
here=$(dirname "$0")
[ -e "$here/on" ] || { echo 'no route to machine' >&2; exit 255; }
case "$*" in *cat*/proc/1/stat*) exec cat "$here/boot" ;; esac
${runs}
`
}

const power = `#!/bin/sh
here=$(dirname "$0")
case $1 in
on) cp "$here/next" "$here/boot" && touch "$here/on" ;;
*) rm "$here/on" ;;
esac
`
