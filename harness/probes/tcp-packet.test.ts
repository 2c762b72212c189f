import { beforeEach, describe, expect, it } from 'vitest'

import { ScriptedNode } from '../fake-etcd.ts'
import { tcpFromNode, tcpFromPod } from './tcp-packet.ts'

const api = { ip: '10.96.0.1', port: 443 }
let node: ScriptedNode

beforeEach(() => {
  node = new ScriptedNode('worker', ['worker'])
  node.answers.set('sh 10.244.1.2', { stdout: '/var/run/netns/cni-1\n' })
})

describe('a packet', () => {
  it('has passed where the handshake was done, whatever became of the request', async () => {
    node.answers.set('curl', { stdout: '0.000385 Operation timed out after 2001 milliseconds', exitCode: 28 })
    expect(await tcpFromPod(node, '10.244.1.2', api)).toEqual({ passed: true, said: '' })
    expect(node.done.at(-1)).toMatch(/^nsenter --net=\/var\/run\/netns\/cni-1 curl .* http:\/\/10\.96\.0\.1:443\/$/)
  })

  it('has not where it was not, and curl says why', async () => {
    node.answers.set('curl', { stdout: '0.000000 Connection timed out after 2002 milliseconds', exitCode: 28 })
    expect(await tcpFromNode(node, api)).toEqual({
      passed: false,
      said: 'Connection timed out after 2002 milliseconds',
    })
    expect(node.done.at(-1)).toMatch(/^curl /)
  })

  it('was never sent where there is no curl, which says nothing of the network', async () => {
    node.answers.set('curl', { stderr: 'nsenter: failed to execute curl: No such file', exitCode: 127 })
    await expect(tcpFromPod(node, '10.244.1.2', api)).rejects.toThrow('worker cannot send a packet: nsenter: failed')
  })
})
