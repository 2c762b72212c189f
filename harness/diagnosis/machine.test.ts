import { describe, expect, it } from 'vitest'

import type { MachineFacts } from '../probes/machine-facts.ts'
import { explainMachine, explainPods } from './machine.ts'

const attempt = { resolved: true, connected: true, greeted: true }
const well: MachineFacts = {
  kubelet: 'active running',
  kubeletRestarts: 0,
  kubeletAnswers: true,
  kubeletLog: '',
  containerd: 'active',
  runtimeAnswers: true,
  throttled: 0,
  server: 'https://cp:6443',
  attempts: [attempt, attempt],
  certificates: [{ file: '/kubelet.pem', from: 0, to: 2_000 }],
  cgroups: { kubelet: 'systemd', containerd: 'systemd' },
  sandboxImage: { name: 'pause:1', there: true },
}
const ends = { kubelet: 'activating auto-restart', kubeletAnswers: false }
const cut = { ...attempt, connected: false, greeted: false }

const explain = (changes: Partial<MachineFacts>, message = '') =>
  explainMachine('w', { ...well, ...changes }, message, 1_000)

describe('why a machine is no Ready Node', () => {
  it.each<[string, Partial<MachineFacts>, string, RegExp]>([
    ['no processor time', { throttled: 0.93 }, 'machine.cpu-starved', /93 %/],
    ['a runtime that fails', { ...ends, containerd: 'failed' }, 'machine.runtime-down', /containerd of w is failed/],
    ['a runtime that hangs', { runtimeAnswers: false }, 'machine.runtime-down', /active, and answers nobody/],
    [
      'a configuration that cannot be read',
      { ...ends, kubeletLog: 'E a\nfailed to load kubelet config file: cannot unmarshal\nMain process exited' },
      'machine.kubelet-misconfigured',
      /cannot unmarshal$/,
    ],
    [
      'too little memory',
      { ...ends, kubeletLog: 'fatal error: failed to reserve page summary memory' },
      'machine.out-of-memory',
      /failed to reserve/,
    ],
    [
      'a certificate that has run out, and a kubelet that ends for it',
      { ...ends, kubeletLog: 'unable to load bootstrap', certificates: [{ file: '/k.pem', from: 0, to: 999 }] },
      'machine.certificate-expired',
      /\/k\.pem has expired/,
    ],
    ['a kubelet that is stopped', { kubeletAnswers: false }, 'machine.kubelet-hangs', /active running/],
    [
      'something before the kubelet that does not end',
      { kubelet: 'activating start-pre', kubeletAnswers: false },
      'machine.kubelet-late',
      /activating start-pre$/,
    ],
    [
      'an API server that it does not trust',
      {
        kubeletLog:
          'E1 "Failed" err="Get: tls: failed to verify certificate: x509: certificate signed by unknown authority"',
      },
      'machine.api-not-trusted',
      /: x509: certificate signed by unknown authority"$/,
    ],
    [
      'a name that nobody knows',
      { attempts: [{ resolved: false, connected: false, greeted: false }] },
      'machine.name-resolution',
      /https:\/\/cp:6443/,
    ],
    ['no way at all', { attempts: [cut, cut] }, 'machine.api-unreachable', /none of 2/],
    ['some packets lost', { attempts: [attempt, cut, attempt] }, 'machine.packet-loss', /2 of 3 .*2 of them/],
    [
      'large packets lost',
      { attempts: [{ ...attempt, greeted: false }] },
      'machine.large-packets-lost',
      /none as far as TLS/,
    ],
  ])('is %s', (_, changes, code, summary) => {
    expect(explain(changes)).toMatchObject({ code, summary: expect.stringMatching(summary) })
  })

  it('is what a kubelet ends with, also while it is active for a moment in between', () => {
    const between = { kubeletAnswers: false, kubeletLog: 'failed to load kubelet config file' }
    expect(explain({ ...between, kubeletRestarts: 3 })?.code).toBe('machine.kubelet-misconfigured')
    expect(explain({ ...between, kubeletRestarts: 2 })?.code).toBe('machine.kubelet-hangs')
    expect(explain({ ...between, kubeletRestarts: 3, kubeletAnswers: true })).toBeNull()
  })

  it("is a pod network without configuration, by the kubelet's own words", () => {
    const message = 'NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized'
    expect(explain({}, message)).toMatchObject({ code: 'machine.network-unconfigured' })
  })

  it('is not known where all is well, where nobody runs the kubelet, and where it ends without a word', () => {
    expect(explain({})).toBeNull()
    expect(explain({ kubelet: 'inactive dead', containerd: 'inactive', throttled: 1 })).toBeNull()
    expect(explain({ ...ends, server: '', kubeletAnswers: true })).toBeNull()
  })

  it('is no certificate while one in the same file is valid', () => {
    const certificates = [{ file: '/k.pem', from: 0, to: 999 }, ...well.certificates]
    expect(explain({ certificates })).toBeNull()
  })

  it('looks from the bottom up: a runtime that is down makes a kubelet end, and a starved machine both', () => {
    const log = { ...ends, kubeletLog: 'invalid configuration', attempts: [cut] }
    expect(explain(log)?.code).toBe('machine.kubelet-misconfigured')
    expect(explain({ ...log, containerd: 'failed' })?.code).toBe('machine.runtime-down')
    expect(explain({ ...log, containerd: 'failed', throttled: 0.9 })?.code).toBe('machine.cpu-starved')
  })
})

describe('why pods do not begin to run', () => {
  const pods = (events: readonly string[], changes: Partial<MachineFacts> = {}) =>
    explainPods('w', { ...well, ...changes }, events)

  it.each<[string, string, string]>([
    ['a full disk', 'Failed: error making pod data directories: mkdir x: no space left on device', 'machine.disk-full'],
    [
      'a missing plugin',
      'FailedCreatePodSandBox: Failed to create pod sandbox: failed to find plugin "host-local" in path [/opt/cni/bin]',
      'machine.network-unconfigured',
    ],
    [
      'two drivers',
      'FailedCreatePodSandBox: expected cgroupsPath to be of format "slice:prefix:name"',
      'machine.cgroup-drivers-differ',
    ],
    [
      'something else',
      'FailedCreatePodSandBox: Failed to create pod sandbox: no address left',
      'machine.sandbox-failed',
    ],
  ])('is %s', (_, event, code) => {
    expect(pods(['Other: thing', event])).toMatchObject({ code, summary: expect.stringContaining(event) })
  })

  it('is the image below every pod, where the runtime says that it has others, and else the runtime', () => {
    const sandboxImage = { name: 'pause:1', there: false }
    expect(pods([], { sandboxImage })).toMatchObject({ code: 'recovery.image-missing' })
    expect(pods([], { sandboxImage, runtimeAnswers: false })).toMatchObject({ code: 'machine.runtime-down' })
  })

  it('is a missing plugin by the kubelet alone, which has the old networks of pods taken down first', () => {
    const kubeletLog = String.raw`E err="failed to \"KillPodSandbox\": failed to find plugin \\\"host-local\\\" in path [/opt/cni/bin]"`
    expect(pods([], { kubeletLog })).toMatchObject({
      code: 'machine.network-unconfigured',
      summary: 'w: failed to find plugin "host-local" in path',
    })
  })

  it('is two drivers without a word of anybody', () => {
    const cgroups = { kubelet: 'cgroupfs', containerd: 'systemd' }
    expect(pods([], { cgroups })).toMatchObject({
      code: 'machine.cgroup-drivers-differ',
      summary: 'w: the kubelet uses cgroupfs, containerd uses systemd',
    })
    expect(pods([], { cgroups: { ...cgroups, kubelet: '' } })).toBeNull()
  })

  it('is told by events alone where the machine says nothing, and not known without them', () => {
    expect(explainPods('w', null, ['no space left on device'])).toMatchObject({ code: 'machine.disk-full' })
    expect(explainPods('w', null, [])).toBeNull()
    expect(pods(['Unhealthy: probe failed'])).toBeNull()
  })
})
