import { describe, expect, it } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import { configureRegistry, forgetRegistry, hostsToml } from './hosts-config.ts'

describe('hostsToml', () => {
  it('has the table without which containerd 1.7 takes no file, also where no mirror stands before the registry', () => {
    expect(hostsToml('upstream.test:5000')).toBe('server = "http://upstream.test:5000"\n\n[host]\n')
  })

  it('has the mirrors in their order', () => {
    expect(hostsToml('upstream.test:5000', ['http://127.0.0.1:30020', 'https://cache.test']))
      .toBe(`server = "http://upstream.test:5000"

[host]

[host."http://127.0.0.1:30020"]
  capabilities = ["pull", "resolve"]

[host."https://cache.test"]
  capabilities = ["pull", "resolve"]
`)
  })

  it.each(['', 'a b', 'http://upstream.test:5000', '../etc', 'upstream.test:5000/x'])('refuses the host %j', (host) => {
    expect(() => hostsToml(host)).toThrow(RangeError)
  })

  it.each(['cache.test:5000', 'ftp://cache.test', ''])('refuses the mirror %j', (mirror) => {
    expect(() => hostsToml('upstream.test:5000', [mirror])).toThrow(RangeError)
  })
})

describe('configureRegistry', () => {
  it("writes into the host's folder, and removes that again", async () => {
    const node = new FakeNode('worker', ['worker'])
    await configureRegistry(node, 'upstream.test:5000')
    await forgetRegistry(node, 'upstream.test:5000', { folder: '/certs' })
    expect(node.done[0]).toMatch(/ sh \/etc\/containerd\/certs\.d\/upstream\.test:5000$/)
    expect(node.done[1]).toBe('rm -rf /certs/upstream.test:5000')
  })
})
