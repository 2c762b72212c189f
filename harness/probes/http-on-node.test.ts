import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { stream } from '../process.ts'
import { type HttpAnswer, httpOnNode, httpOnNodeRepeatedly, parseAnswers } from './http-on-node.ts'

describe('httpOnNode', () => {
  it('has as many answers as URLs, also where the machine is off', async () => {
    const node = new FakeNode('n', ['worker'])
    node.says = { stdout: 'ok\n200 \n[-]etcd failed\n500 ' }
    expect(await httpOnNode(node, ['http://a', 'http://b'], ['--insecure'])).toEqual([
      { status: 200, body: 'ok', problem: '' },
      { status: 500, body: '[-]etcd failed', problem: '' },
    ])
    expect(node.done).toEqual([
      expect.stringMatching(/^curl --silent --max-time 2 --insecure .* http:\/\/a http:\/\/b$/),
    ])
    node.says = { stderr: 'container n is not running\n', exitCode: 1 }
    expect(await httpOnNode(node, ['http://a'])).toEqual([
      { status: 0, body: '', problem: 'container n is not running' },
    ])
    node.says = new Error('no engine')
    expect(await httpOnNode(node, ['http://a'])).toEqual([{ status: 0, body: '', problem: 'no engine' }])
  })
})

describe('httpOnNodeRepeatedly', () => {
  /** This machine, where curl says what the script says. */
  function machine(script: string): Pick<ClusterNode, 'stream'> {
    const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-curl-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = path.join(folder, 'curl')
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    const search = `PATH=${folder}:${process.env['PATH'] ?? ''}`
    return {
      stream: (command, onLine) => stream('env', [search, ...command], { onLine }),
    }
  }
  const thrice = { times: 3, pauseMs: 1 }

  it('asks as often as it is told, also where nobody answers', async () => {
    const heard: (readonly HttpAnswer[])[] = []
    const node = machine(`printf 'ok\\n200 \\n\\n000 refused\\n'; exit 7`)
    await httpOnNodeRepeatedly(node, ['http://a', 'http://b'], [], thrice, (answers) => void heard.push(answers)).done
    const look = [
      { status: 200, body: 'ok', problem: '' },
      { status: 0, body: '', problem: 'refused' },
    ]
    expect(heard).toEqual([look, look, look])
  })

  it('ends once nobody wants to hear more', async () => {
    let looks = 0
    const following = httpOnNodeRepeatedly(machine('echo; echo 200'), ['http://a'], [], thrice, () => {
      looks += 1
      throw new Error('enough')
    })
    await expect(following.done).rejects.toThrow('enough')
    expect(looks).toBe(1)
  })
})

describe('parseAnswers', () => {
  it('tells the answers of one curl apart, with and without a last newline', () => {
    const text = '{"a":1}\n200 \n\n000 Connection refused\n{"b":2}\n\n503 '
    const answers = [
      { status: 200, body: '{"a":1}', problem: '' },
      { status: 0, body: '', problem: 'Connection refused' },
      { status: 503, body: '{"b":2}', problem: '' },
    ]
    expect(parseAnswers(text)).toEqual(answers)
    expect(parseAnswers(`${text}\n`)).toEqual(answers)
    expect(parseAnswers('OCI runtime exec failed')).toEqual([])
  })
})
