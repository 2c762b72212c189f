import { describe, expect, it } from 'vitest'

import { loadBalancerConfig } from './load-balancer.ts'

const lines = (config: string) => config.split('\n').map((line) => line.trim())

describe('loadBalancerConfig', () => {
  const config = loadBalancerConfig([
    { name: 'c-a', address: '10.0.0.1' },
    { name: 'c-b', address: '10.0.0.2' },
  ])

  it('balances over the control planes that there are', () => {
    expect(config.match(/^ {2}server .*$/gm)).toEqual([
      '  server c-a 10.0.0.1:6443 check check-ssl verify none',
      '  server c-b 10.0.0.2:6443 check check-ssl verify none',
    ])
    expect(loadBalancerConfig([]).match(/^ {2}server /gm)).toBeNull()
  })

  it('leaves TLS to the API servers, and asks each whether it is ready', () => {
    expect(lines(config)).toEqual(
      expect.arrayContaining(['mode tcp', 'bind :6443', 'option httpchk GET /readyz', 'http-check expect status 200']),
    )
  })

  it('ends the connections to a server that is down, so that clients reach another', () => {
    expect(lines(config)).toContain(
      'default-server inter 1s downinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions',
    )
  })

  it('ends with a newline: haproxy refuses a file whose last line is cut off', () => {
    expect(config.endsWith('none\n')).toBe(true)
  })
})
