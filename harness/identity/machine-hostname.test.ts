import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { run } from '../process.ts'
import type { BootMode } from '../topology.ts'
import { parseBootLog, parseStamp } from './boot-log.ts'

const program = fileURLToPath(new URL('machine-hostname.sh', import.meta.url))

/** Answers in turn, the last for ever: a status and a body, or `exit` and the exit code of curl. */
const curl = `#!/bin/sh
echo "$@" >>"$MACHINE_ROOT/asked"
read -r first body <"$MACHINE_ROOT/answers"
rest=$(sed 1d "$MACHINE_ROOT/answers")
[ -z "$rest" ] || echo "$rest" >"$MACHINE_ROOT/answers"
[ "$first" != exit ] || exit "$body"
printf '%s\\n%s' "$body" "$first"
`
const hostname = `#!/bin/sh
[ $# = 0 ] || echo "$1" >"$MACHINE_ROOT/kernel"
cat "$MACHINE_ROOT/kernel"
`
const ip = '#!/bin/sh\n[ "$1" != -4 ] || echo "2: eth0    inet 10.0.0.7/16 brd 10.0.255.255 scope global eth0"\n'
const systemctl = '#!/bin/sh\necho "$@" >>"$MACHINE_ROOT/systemctl"\n'

// The program runs in a Linux container, and needs /proc and what GNU date has.
describe.skipIf(process.platform !== 'linux')('machine-hostname', () => {
  let root = ''
  const at = (file: string) => path.join(root, file)
  const put = (file: string, content: string, mode = 0o644) => {
    mkdirSync(path.dirname(at(file)), { recursive: true })
    writeFileSync(at(file), content, { mode })
  }
  const text = (file: string) => readFileSync(at(file), 'utf8')
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'clusterproof-hostname-'))
    const created = root
    onTestFinished(() => rmSync(created, { recursive: true }))
    for (const [name, content] of Object.entries({ curl, hostname, ip, systemctl })) put(`bin/${name}`, content, 0o755)
    put('etc/machine-id', '4e1c8e1d2f7f4b6d8f1f0a0b0c0d0e0f\n')
    put('etc/hosts', '127.0.0.1\tlocalhost\n10.0.0.7\tunnamed\n')
    put('kernel', 'unnamed\n')
  })

  const boot = async (mode: BootMode, answers: string[], { step = 'establish', limitMs = 10_000 } = {}) => {
    put('answers', `${answers.join('\n')}\n`)
    // A boot's own files end with it.
    if (step === 'establish') rmSync(at('run'), { recursive: true, force: true })
    const { exitCode, stderr } = await run('sh', [program, step], {
      env: {
        PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
        MACHINE_ROOT: root,
        HOSTNAME_MODE: mode,
        FALLBACK_AFTER_MS: '0',
        ASK_INTERVAL_S: '0.01',
        ANSWER_LIMIT_MS: String(limitMs),
      },
      reject: false,
      timeoutMs: 20_000,
    })
    return { exitCode, stderr, events: parseBootLog(text('run/clusterproof/boot.log')) }
  }
  const stamp = () => {
    const { name, source } = parseStamp(text('run/clusterproof/hostname'))
    return [name, source]
  }
  const names = ({ events }: Awaited<ReturnType<typeof boot>>) =>
    events.map(({ event, name }) => `${event} ${name}`.trim())
  /** Gives up after a tenth of a second without an answer. */
  const impatient = { limitMs: 200 }

  it.each<[string, string]>([
    ['nothing', 'exit 52'],
    ['an unreachable network', 'exit 7'],
    ['an answer that is too slow', 'exit 28'],
    ['204', '204'],
    ['404', '404 not found'],
    ['500', '500 internal error'],
    ['an empty name', '200'],
    ['what is no DNS label', '200 <html>'],
    ['a label that is too long', `200 ${'a'.repeat(64)}`],
    ['a name with a dot', '200 worker-1.example'],
  ])('takes %s for no name, and waits for the next answer', async (_, answer) => {
    const result = await boot('wait-for-metadata', [answer, answer, '200 worker-1'])
    expect(names(result)).toEqual(['asking', 'no-name', 'named worker-1'])
    expect(stamp()).toEqual(['worker-1', 'metadata'])
  })

  it('sets the name everywhere, at the machine’s own address', async () => {
    await boot('wait-for-metadata', ['200 worker-1'])
    await boot('wait-for-metadata', ['200 worker-1'])
    expect(text('kernel')).toBe('worker-1\n')
    expect(text('etc/hostname')).toBe('worker-1\n')
    expect(text('etc/hosts')).toBe('127.0.0.1\tlocalhost\n10.0.0.7\tunnamed\n10.0.0.7\tworker-1 # clusterproof\n')
  })

  it('tells the service since when the machine has been asking, in this boot', async () => {
    const before = Date.now()
    await boot('wait-for-metadata', ['200 worker-1'])
    const since = Number(/X-Clusterproof-Asking-Since: (\d+) /.exec(text('asked'))?.[1])
    expect(since).toBeGreaterThanOrEqual(before)
    expect(since).toBeLessThanOrEqual(Date.now())
  })

  it('waits for metadata: at a later boot it keeps its name where there is no answer', async () => {
    await boot('wait-for-metadata', ['200 worker-1'])
    const result = await boot('wait-for-metadata', ['exit 52'], impatient)
    expect(result.exitCode).toBe(0)
    expect(stamp()).toEqual(['worker-1', 'known'])
  })

  it('waits for metadata: at a later boot it refuses another name, aloud', async () => {
    await boot('wait-for-metadata', ['200 worker-1'])
    const result = await boot('wait-for-metadata', ['200 other'])
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain('calls this machine other, but it is worker-1: not started')
    expect(names(result)).toEqual(['asking', 'refused other'])
    expect(existsSync(at('run/clusterproof/hostname'))).toBe(false)
    await boot('wait-for-metadata', ['200 worker-1'])
    expect(stamp()).toEqual(['worker-1', 'metadata'])
  })

  it('makes a name up where none comes in time, the same at every boot', async () => {
    await boot('fallback-name', ['exit 52'], impatient)
    const first = stamp()
    expect(first).toEqual([expect.stringMatching(/^talos-[0-9a-f]{3}-[0-9a-f]{3}$/), 'made-up'])
    await boot('fallback-name', ['204'], impatient)
    expect(stamp()).toEqual(first)
  })

  it('takes the real name when it comes late, and starts the kubelet anew; etcd goes on', async () => {
    await boot('fallback-name', ['exit 52'], impatient)
    put('var/lib/kubelet/pki/kubelet-client-current.pem', '')
    const result = await boot('fallback-name', ['exit 52', '200 worker-1'], { step: 'rename' })
    expect(names(result).slice(-3)).toEqual(['no-name', 'renamed worker-1', 'kubelet-restart worker-1'])
    expect(stamp()).toEqual(['worker-1', 'metadata'])
    expect(text('systemctl')).toBe('is-active --quiet kubelet.service\nrestart kubelet.service\n')
    expect(existsSync(at('var/lib/kubelet/pki'))).toBe(true)
  })

  it('lets the kubelet ask for a certificate for the late name where it can', async () => {
    await boot('fallback-name', ['exit 52'], impatient)
    put('var/lib/kubelet/pki/kubelet-client-current.pem', '')
    put('etc/kubernetes/bootstrap-kubelet.conf', '')
    put('etc/kubernetes/kubelet.conf', '')
    await boot('fallback-name', ['200 worker-1'], { step: 'rename' })
    expect(existsSync(at('var/lib/kubelet/pki'))).toBe(false)
    expect(existsSync(at('etc/kubernetes/kubelet.conf'))).toBe(false)
  })

  it('only confirms a name that was right', async () => {
    await boot('fallback-name', ['200 worker-1'])
    const result = await boot('fallback-name', ['200 worker-1'], { step: 'rename' })
    expect(names(result)).toEqual(['asking', 'named worker-1', 'confirmed worker-1'])
    expect(existsSync(at('systemctl'))).toBe(false)
  })

  it('falls back at a later boot to the name that it once had, and takes any other that comes', async () => {
    await boot('fallback-name', ['200 worker-1'])
    await boot('fallback-name', ['exit 52'], impatient)
    expect(stamp()).toEqual(['worker-1', 'known'])
    await boot('fallback-name', ['200 other'])
    expect(stamp()).toEqual(['other', 'metadata'])
  })
})
