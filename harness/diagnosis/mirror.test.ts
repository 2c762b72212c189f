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
      'mirror.socket-denied',
      {
        instances: [
          instance({ ready: false, waiting: 'Error', lastWords: 'containerd.sock: connect: permission denied' }),
        ],
      },
      'a of spegel v0.0.14 on cp: Error containerd.sock: connect: permission denied',
    ],
    [
      'mirror.socket-missing',
      { instances: [instance({ ready: false, lastWords: 'dial containerd.sock: no such file or directory' })] },
      'a of spegel v0.0.14 on cp: dial containerd.sock: no such file or directory',
    ],
    [
      'mirror.stale-leader',
      {
        instances: [
          instance({ claimsLead: true, peers: null }),
          instance({ pod: 'b', node: 'w1', peers: ['x', 'y'] }),
          instance({ pod: 'c', node: 'w2', ready: false, claimsLead: true }),
        ],
        holder: 'b',
        answer: { ...answer, detail: '' },
      },
      'a on cp (Ready), c on w2 (not Ready) takes itself for the leader ("leader is self skipping connection to bootstrap ' +
        'node"), and b holds the lock; peers: a unknown, b 2, c 1; the mirror of worker answers 500',
    ],
    [
      'mirror.no-peer',
      {
        instances: [instance({ peers: [] }), instance({ pod: 'b', node: 'w1', peers: [] }), instance({ pod: 'c' })],
        answer,
      },
      'no peer of spegel v0.0.14 is connected to a on cp, b on w1; the mirror of worker answers 500 mirror resolve retries exhausted',
    ],
    [
      'mirror.dead-provider',
      { instances: [instance({ peers: null }), instance({ pod: 'b', node: 'w1', peers: null })] },
      'a on cp, b on w1 of spegel v0.0.14 does not answer, and is still asked for images',
    ],
    [
      'mirror.alone',
      {
        instances: [
          instance({ ready: false, peers: [], restarts: 3, waiting: 'Startup probe failed', lastWords: 'ended' }),
        ],
      },
      'a on cp is the only instance of spegel v0.0.14 and does not get Ready, 3 restarts: Startup probe failed ended',
    ],
    [
      'mirror.alone',
      { instances: [instance({ ready: false, peers: [] })], answer: { node: 'cp', status: 503, detail: 'none' } },
      'a on cp is the only instance of spegel v0.0.14 and does not get Ready, 0 restarts; the mirror of cp answers 503 none',
    ],
    [
      'mirror.instance-down',
      {
        instances: [
          instance({ ready: false, restarts: 1 }),
          instance({ pod: 'b', node: 'w1', ready: false, waiting: 'CrashLoopBackOff' }),
          instance({ pod: 'c' }),
        ],
      },
      'a on cp: not Ready, 1 restarts; b on w1: CrashLoopBackOff, 0 restarts',
    ],
    [
      'mirror.not-resolved',
      { instances: [instance(), instance({ pod: 'b' })], answer },
      'every instance of spegel v0.0.14 is Ready and has a peer; the mirror of worker answers 500 mirror resolve retries exhausted',
    ],
  ])('says of %s who it is and what was seen', (code, facts, summary) => {
    expect(explain(facts)).toEqual({ code, summary })
  })

  it.each([
    'no such file or directory',
    'is not a socket file',
    'hostPath type check failed',
    'connect: connection refused',
    'failed to dial',
    'cannot connect to it',
    'read: is a directory',
    'stat: not a directory',
    'context deadline exceeded',
  ])('takes "%s" of a socket for one that is missing, and of nothing else', (words) => {
    const said = (lastWords: string) =>
      explain({ instances: [instance({ ready: false, lastWords }), instance({ pod: 'b' })] })
    expect(said(`/run/containerd/containerd.sock: ${words}`).code).toBe('mirror.socket-missing')
    expect(said(`10.96.0.1:443: ${words}`).code).toBe('mirror.instance-down')
    expect(said('/run/containerd/containerd.sock: all is well').code).toBe('mirror.instance-down')
  })

  it('knows nobody for a stale leader while nobody holds the lock', () => {
    expect(explain({ instances: [instance({ claimsLead: true }), instance({ pod: 'b' })] }).code).toBe(
      'mirror.not-resolved',
    )
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
      'an instance that does not run has no peers, and neither has the other',
      { instances: [instance({ ready: false, peers: [], waiting: 'CrashLoopBackOff' }), instance({ peers: [] })] },
      'mirror.instance-down',
    ],
    [
      'an instance that is kept from getting Ready for want of peers',
      { instances: [instance({ ready: false, peers: [], waiting: 'Startup probe failed' }), instance({ peers: [] })] },
      'mirror.no-peer',
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
