import { describe, expect, it } from 'vitest'

import { auditOptions } from './options.ts'

const names = (args: readonly string[]) => auditOptions(args)?.subjects.map(({ name }) => name)

describe('npm run audit:leftovers', () => {
  it('kills 50 runs on clusters of kind and kubeadm, and of a counter-test, in every way', () => {
    expect(auditOptions([])).toMatchObject({
      times: 50,
      from: 0,
      modes: ['main', 'node', 'group', 'all'],
      sideBySide: false,
    })
    expect(names([])).toEqual([
      'recovery.daemonset-after-reboot on kind',
      'recovery.daemonset-after-reboot on kubeadm',
      'recovery.daemonset-after-reboot against a DaemonSet whose image is gone',
    ])
  })

  it('takes what it is told', () => {
    const args = [
      '--cluster',
      'k3s',
      '--no-counter',
      '--kill',
      'all',
      '--seed',
      '7',
      '--minutes',
      '2',
      '--times',
      '3',
      '--from',
      '90',
    ]
    expect(auditOptions(args)).toMatchObject({ seed: 7, times: 3, from: 0.9, modes: ['all'], limitMs: 120_000 })
    expect(names(args)).toEqual(['recovery.daemonset-after-reboot on k3s'])
    expect(names(['--scenario', 'recovery.power-cut', '--cluster', 'kind', '--counter', 'a against b'])).toEqual([
      'recovery.power-cut on kind',
      'a against b',
    ])
  })

  it('makes up another seed each time', () => {
    expect(auditOptions([])?.seed).not.toBe(auditOptions([])?.seed)
  })

  it('needs two for side by side', () => {
    const one = ['--side-by-side', '--cluster', 'kind', '--no-counter']
    expect(() => auditOptions(one)).toThrow(/side by side are two/)
    expect(auditOptions(['--side-by-side'])).toMatchObject({ sideBySide: true })
  })

  it('refuses a way of killing that there is not', () => {
    expect(() => auditOptions(['--kill', 'nobody'])).toThrow(/nobody/)
  })
})
