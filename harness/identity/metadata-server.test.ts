import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { run } from '../process.ts'
import { behaviourLine, type MetadataBehaviour } from './metadata-behaviour.ts'
import { MetadataServer, parseRequests, serverFiles } from './metadata-server.ts'

const home = '/etc/clusterproof/metadata'
const address = '10.0.0.7'
const hostnames = new Map([[address, 'worker-1']])

describe('behaviourLine', () => {
  it.each<[MetadataBehaviour, string]>([
    [{ kind: 'answers' }, 'answers'],
    [{ kind: 'late', untilMs: 1_700_000_000_000.4 }, 'late until 1700000000000'],
    [{ kind: 'late', afterMs: 5_000 }, 'late after 5000'],
    [{ kind: 'status', code: 204 }, 'status 204'],
    [{ kind: 'slow', ms: 300 }, 'slow 300'],
    [{ kind: 'renamed', name: 'worker-2' }, 'renamed worker-2'],
    [{ kind: 'gone' }, 'gone'],
  ])('is what the service reads: %j', (behaviour, line) => {
    expect(behaviourLine(behaviour)).toBe(`${line}\n`)
  })

  it('refuses what is no time and no host name', () => {
    expect(() => behaviourLine({ kind: 'slow', ms: -1 })).toThrow(RangeError)
    expect(() => behaviourLine({ kind: 'late', untilMs: Number.NaN })).toThrow(RangeError)
    expect(() => behaviourLine({ kind: 'renamed', name: 'a b' })).toThrow('"a b" is no DNS label')
  })
})

describe('MetadataServer', () => {
  it('names the machines it knows where it is told of another', async () => {
    await expect(new MetadataServer('md', hostnames).behave('worker-9', { kind: 'gone' })).rejects.toThrow(
      'md knows no machine worker-9; it knows worker-1',
    )
  })

  it('takes neither an address nor a name that is none', async () => {
    expect(() => serverFiles({ hostnames: new Map([['../x', 'worker-1']]) })).toThrow(RangeError)
    await expect(new MetadataServer('md', hostnames).register('10.0.0.8', '$(id)')).rejects.toThrow(RangeError)
  })
})

describe('parseRequests', () => {
  it('says which machine asked', () => {
    const line = '{"at":12,"address":"10.0.0.7","path":"/x","status":null,"body":"","delayMs":0}'
    const other = line.replace('10.0.0.7', '10.0.0.8')
    const requests = parseRequests(`${line}\n${other}\n`, new Map([['worker-1', address]]))
    expect(requests.map(({ machine, status }) => [machine, status])).toEqual([
      ['worker-1', null],
      [null, null],
    ])
  })
})

// The program runs in a Linux container, and needs what GNU date has.
describe.skipIf(process.platform !== 'linux')('metadata-answer', () => {
  let folder = ''
  const put = (file: string, content: string) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), content)
  }
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-metadata-'))
    const created = folder
    onTestFinished(() => rmSync(created, { recursive: true }))
    for (const file of serverFiles({ hostnames })) put(path.posix.relative(home, file.path), file.content)
  })

  const program = fileURLToPath(new URL('metadata-answer.sh', import.meta.url))
  const ask = async (at: string, { from = address, headers = [] as string[] } = {}): Promise<string> => {
    const { stdout } = await run('sh', [program], {
      env: { METADATA_HOME: folder, SOCAT_PEERADDR: from },
      input: [`GET ${at} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n'),
    })
    const [head = '', body = ''] = stdout.split('\r\n\r\n')
    return head === '' ? 'nothing' : `${head.split(' ')[1]} ${body}`
  }
  const hostname = '/hetzner/v1/metadata/hostname'
  const behave = (behaviour: MetadataBehaviour, whose = 'all') => put(`behaviours/${whose}`, behaviourLine(behaviour))

  it('serves the machine’s own name and number, by its address', async () => {
    expect(await ask(hostname)).toBe('200 worker-1')
    expect(await ask('/hetzner/v1/metadata/instance-id')).toBe('200 167772167')
    expect(await ask('/latest/meta-data')).toBe('404 not found')
    expect(await ask(hostname, { from: '10.0.0.8' })).toBe('404 not found')
    expect(await ask(hostname, { from: '../../x' })).toBe('nothing')
  })

  it.each<[MetadataBehaviour, string]>([
    [{ kind: 'status', code: 204 }, '204 '],
    [{ kind: 'status', code: 404 }, '404 not found'],
    [{ kind: 'status', code: 500 }, '500 internal error'],
    [{ kind: 'slow', ms: 20 }, '200 worker-1'],
    [{ kind: 'renamed', name: 'other' }, '200 other'],
    [{ kind: 'gone' }, 'nothing'],
    [{ kind: 'late', untilMs: 1 }, '200 worker-1'],
    [{ kind: 'late', untilMs: 9_000_000_000_000 }, 'nothing'],
  ])('behaves as it was told: %j', async (behaviour, answer) => {
    behave(behaviour)
    expect(await ask(hostname)).toBe(answer)
  })

  it('counts from the machine’s own start, which it was told with this request or one before', async () => {
    behave({ kind: 'late', afterMs: 60_000 })
    const on = (ms: number) => ({ headers: [`X-Clusterproof-Asking-Since: ${ms}`] })
    expect(await ask(hostname)).toBe('nothing')
    expect(await ask(hostname, on(Date.now()))).toBe('nothing')
    expect(await ask(hostname, on(Date.now() - 61_000))).toBe('200 worker-1')
    expect(await ask(hostname)).toBe('200 worker-1')
  })

  it('listens to what was said of a machine before what was said of all', async () => {
    behave({ kind: 'gone' })
    behave({ kind: 'renamed', name: 'own' }, address)
    expect(await ask(hostname)).toBe('200 own')
  })

  it('notes each request, and nothing that would break the line', async () => {
    await ask(hostname)
    behave({ kind: 'gone' })
    await ask('/"\\x')
    const log = readFileSync(path.join(folder, 'requests.jsonl'), 'utf8')
    const requests = parseRequests(log, new Map([['worker-1', address]]))
    expect(requests).toEqual([
      expect.objectContaining({ machine: 'worker-1', path: hostname, status: 200, body: 'worker-1', delayMs: 0 }),
      expect.objectContaining({ path: '/x', status: null, body: '' }),
    ])
  })
})
