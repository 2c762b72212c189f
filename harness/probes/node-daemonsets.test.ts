import { describe, expect, it } from 'vitest'

import { complete, describeState, type NodeDaemonSetState } from './node-daemonsets.ts'

const whole: NodeDaemonSetState = {
  wanted: ['kube-proxy', 'agent'],
  ready: ['agent', 'kube-proxy'],
  pods: ['a ready', 'b ready'],
}

describe('complete', () => {
  it.each([
    ['every DaemonSet has a Ready pod', whole, true],
    ['one is not Ready', { ...whole, ready: ['agent'] }, false],
    ['one has two pods and the other none', { ...whole, ready: ['agent', 'agent'] }, false],
    ['a failed pod is still there', { ...whole, pods: [...whole.pods, 'c Failed/Terminated'] }, false],
    ['nothing is wanted yet', { wanted: [], ready: [], pods: [] }, false],
  ])('%s', (_, state, answer) => {
    expect(complete(state)).toBe(answer)
  })
})

describe('describeState', () => {
  it('counts, and names every pod', () => {
    expect(describeState(whole)).toBe('2 of 2 DaemonSets Ready on it: a ready, b ready')
    expect(describeState({ ...whole, ready: [], pods: [] })).toBe('0 of 2 DaemonSets Ready on it: no pod')
  })
})
