import { describe, expect, it } from 'vitest'

import { explainMirror, type InstanceFacts, type MirrorFacts } from './mirror.ts'

function instance(change: Partial<InstanceFacts> = {}): InstanceFacts {
  const base = { pod: 'a', node: 'cp', ready: true, restarts: 0, peers: ['10.244.1.2'], waiting: null }
  return { ...base, claimsLead: false, lastWords: '', ...change }
}

function explain(change: Partial<MirrorFacts>) {
  const { code, summary } = explainMirror({
    mirror: 'spegel v0.0.14',
    servesAlone: false,
    instances: [instance()],
    holder: null,
    answer: null,
    ...change,
  })
  return { code, summary }
}

const answer = { node: 'worker', status: 500, detail: 'mirror resolve retries exhausted' }

describe('a mirror that does not serve', () => {
  it('has an instance that takes itself for the leader while another holds the lock', () => {
    const instances = [
      instance({ claimsLead: true, peers: [] }),
      instance({ pod: 'b', node: 'worker', claimsLead: true, peers: [] }),
    ]
    const { code, summary } = explain({ instances, holder: 'b', answer })
    expect(code).toBe('mirror.stale-leader')
    expect(summary).toContain('a on cp (Ready) takes itself for the leader')
    expect(summary).toContain('b holds the lock')
    expect(summary).toContain('answers 500 mirror resolve retries exhausted')
  })

  it.each<[string, Partial<MirrorFacts>, string]>([
    [
      'the holder that says so is no cause',
      { instances: [instance({ claimsLead: true })], holder: 'a', answer },
      'mirror.not-resolved',
    ],
    ['an instance without a peer', { instances: [instance({ peers: [] }), instance({ pod: 'b' })] }, 'mirror.no-peer'],
    [
      'an instance on a machine that does not answer is no instance without a peer',
      { instances: [instance({ peers: null }), instance({ pod: 'b' })], answer },
      'mirror.dead-provider',
    ],
    ['a single instance needs none', { instances: [instance({ peers: [] })], answer }, 'mirror.not-resolved'],
    ['an instance that is alone', { instances: [instance({ ready: false, peers: [] })] }, 'mirror.alone'],
    [
      'an instance that is alone and is ended for it',
      { instances: [instance({ ready: false, peers: [], waiting: 'Startup probe failed: HTTP … 500', restarts: 1 })] },
      'mirror.alone',
    ],
    [
      'an instance that is alone and may be',
      { instances: [instance({ ready: false, peers: [] })], servesAlone: true },
      'mirror.instance-down',
    ],
    [
      'an instance that is alone and is not started',
      { instances: [instance({ ready: false, peers: [], waiting: 'ErrImagePull x' })] },
      'mirror.instance-down',
    ],
    [
      'an instance that is not Ready',
      { instances: [instance({ ready: false }), instance({ pod: 'b' })] },
      'mirror.instance-down',
    ],
    [
      'a socket that is not there',
      {
        instances: [
          instance({
            ready: false,
            lastWords: 'failed to dial "/run/k3s/containerd/containerd.sock": connect: no such file or directory',
          }),
        ],
      },
      'mirror.socket-missing',
    ],
    [
      'a path that is no socket',
      {
        instances: [
          instance({
            ready: false,
            waiting: 'hostPath type check failed: /run/x/containerd.sock is not a socket file',
          }),
        ],
      },
      'mirror.socket-missing',
    ],
    [
      'a socket that it may not use',
      {
        instances: [
          instance({
            ready: false,
            lastWords: 'dial unix /run/containerd/containerd.sock: connect: permission denied',
          }),
        ],
      },
      'mirror.socket-denied',
    ],
    [
      'what ended an instance that is well by now is no cause',
      {
        instances: [instance({ lastWords: 'dial unix /run/containerd/containerd.sock: connect: connection refused' })],
        answer,
      },
      'mirror.not-resolved',
    ],
  ])('%s', (_, facts, code) => {
    expect(explain(facts).code).toBe(code)
  })
})
