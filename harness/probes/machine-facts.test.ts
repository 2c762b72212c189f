import { describe, expect, it } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import { factsIn, machineFacts } from './machine-facts.ts'
import { parseSections } from './sections.ts'

const facts = (sections: Readonly<Record<string, string>>) =>
  factsIn(new Map(Object.entries({ unit: 'active\nrunning', ...sections })))

describe('the facts of a machine', () => {
  it('are what its sections say', () => {
    expect(
      facts({
        restarts: '4',
        healthz: 'ok',
        containerd: 'active',
        runtime: 'answers',
        log: 'a line',
        server: 'https://cp:6443',
        'cgroup-kubelet': 'systemd',
        'cgroup-containerd': 'true',
        'sandbox-image': 'registry.test/pause:3.10',
        images: 'other:1\nregistry.test/pause:3.10',
      }),
    ).toMatchObject({
      kubelet: 'active running',
      kubeletRestarts: 4,
      kubeletAnswers: true,
      kubeletLog: 'a line',
      containerd: 'active',
      runtimeAnswers: true,
      throttled: 0,
      server: 'https://cp:6443',
      certificates: [],
      cgroups: { kubelet: 'systemd', containerd: 'systemd' },
      sandboxImage: { name: 'registry.test/pause:3.10', there: true },
    })
  })

  it.each([
    ['a whole exchange', '0 0.000012 0.001 0.010', { resolved: true, connected: true, greeted: true }],
    ['a refusal', '7 0.000012 0.000000 0.000000', { resolved: true, connected: false, greeted: false }],
    ['no answer', '28 0.000012 0.000000 0.000000', { resolved: true, connected: false, greeted: false }],
    ['a greeting that hangs', '28 0.0001 0.001 0.000000', { resolved: true, connected: true, greeted: false }],
    ['a name that nobody knows', '6 0.000000 0.000000 0.000000', { resolved: false, connected: false, greeted: false }],
    [
      'a resolver that is silent',
      '28 0.000000 0.000000 0.000000',
      { resolved: false, connected: false, greeted: false },
    ],
  ])("read %s out of curl's figures", (_, line, expected) => {
    expect(facts({ attempts: `${line}\nnoise` }).attempts).toEqual([expected])
  })

  it.each([
    ['most periods', 'nr_periods 100\nnr_throttled 90\nthrottled_usec 7', 0.9],
    ['too few periods to say', 'nr_periods 10\nnr_throttled 10', 0],
    ['no limit', 'usage_usec 5', 0],
  ])('know the share of %s', (_, throttled, share) => {
    expect(facts({ throttled }).throttled).toBe(share)
  })

  it('are none of a machine that is off, or on which nothing ran', async () => {
    const node = new FakeNode('off', ['worker'])
    node.says = { stdout: '', stderr: 'is not running', exitCode: 1 }
    expect(await machineFacts(node)).toBeNull()
  })

  it('are little more than that where there is no processor time', async () => {
    const node = new FakeNode('slow', ['worker'])
    node.says = { stdout: '\n== throttled\nnr_periods 100\nnr_throttled 60' }
    expect(await machineFacts(node)).toMatchObject({ throttled: 0.6, kubelet: 'unknown' })
    expect(node.done).toHaveLength(1)
  })

  it('are asked for without a word of the key beside the certificate', async () => {
    const node = new FakeNode('on', ['worker'])
    await machineFacts(node)
    expect(node.done.join()).toContain("sed -n '/BEGIN CERT/,/END CERT/p'")
    expect(parseSections(node.done.join()).size).toBe(0)
  })
})
