import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'

import { discoveryKubeconfig, onLoopback } from './kubeconfigs.ts'

const adminConf = (...servers: string[]) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: servers.map((server, index) => ({
    name: `c${index}`,
    cluster: { 'certificate-authority-data': 'Y2E=', server },
  })),
  contexts: [{ name: 'admin@c', context: { cluster: 'c0', user: 'admin' } }],
  'current-context': 'admin@c',
  users: [{ name: 'admin', user: { 'client-certificate-data': 'Y2VydA==', 'client-key-data': 'a2V5' } }],
})

describe('onLoopback', () => {
  it('is the same kubeconfig with the API’s address as this host has it', () => {
    const text = onLoopback(stringify(adminConf('https://c-load-balancer:6443')), 7443)
    expect(parse(text)).toEqual(adminConf('https://127.0.0.1:7443'))
  })

  it('is so for every cluster in it', () => {
    const text = onLoopback(stringify(adminConf('https://a:6443', 'https://b:6443')), 7443)
    expect(parse(text)).toEqual(adminConf('https://127.0.0.1:7443', 'https://127.0.0.1:7443'))
  })
})

describe('discoveryKubeconfig', () => {
  const conf = adminConf('https://c-load-balancer:6443')
  const discovery = parse(discoveryKubeconfig(stringify(conf)))

  it('says where the API is, and by which authority', () => {
    expect(discovery).toMatchObject({ apiVersion: 'v1', kind: 'Config', clusters: conf.clusters })
  })

  it('has a context that is complete, and makes nobody an administrator', () => {
    expect(discovery).toMatchObject({
      contexts: [{ name: 'discovery', context: { cluster: 'c0', user: 'discovery' } }],
      'current-context': 'discovery',
    })
    expect(discovery).toHaveProperty('users', [{ name: 'discovery', user: {} }])
  })
})
