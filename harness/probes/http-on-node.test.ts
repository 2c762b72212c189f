import { describe, expect, it } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import { httpOnNode, parseAnswers } from './http-on-node.ts'

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
