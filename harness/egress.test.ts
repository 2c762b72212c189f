import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { egressClosed, egressFiles, egressRules, writeEgressFiles } from './egress.ts'

describe('egressRules', () => {
  const rules = egressRules('172.18.0.0/16')
  const chains = [...rules.matchAll(/chain (\w+) \{\n([^]*?)\n  \}/g)].map(([, hook = '', body = '']) => ({
    hook,
    lines: body.trim().split(/\n\s+/),
  }))

  it('close both ways out, the node’s own and its pods’, and the last way that both share', () => {
    expect(chains.map(({ hook }) => hook)).toEqual(['output', 'forward', 'postrouting'])
    for (const { hook, lines } of chains) expect(lines[0]).toBe(`type filter hook ${hook} priority -10; policy accept;`)
  })

  it('let nothing out through eth0 but what stays in the subnet or on the link', () => {
    const [output, forward, postrouting] = chains.map(({ lines }) => lines.slice(1))
    const link = 'oifname "eth0" ip6 daddr { fe80::/10, ff02::/16 } accept'
    const rejected = 'oifname "eth0" counter reject with icmpx admin-prohibited'
    const inSubnet = 'oifname "eth0" ip daddr { 172.18.0.0/16 } accept'
    expect(forward).toEqual([inSubnet, link, rejected])
    expect(postrouting).toEqual([inSubnet, link, 'oifname "eth0" counter drop'])
    // Its device is the first route's, before kube-proxy gave the packet another destination.
    expect(output?.[0]).toBe('oifname "eth0" ip daddr { 172.18.0.0/16, 10.244.0.0/16, 10.96.0.0/16 } accept')
    expect(output?.slice(1)).toEqual([link, rejected])
  })

  it('let the machine reach what it is asked to let pass, but not its pods', () => {
    const lines = egressRules('172.18.0.0/16', ['169.254.169.254'])
      .split('\n')
      .map((line) => line.trim())
    expect(lines.filter((line) => line.includes('ip daddr'))).toEqual([
      'oifname "eth0" ip daddr { 172.18.0.0/16, 169.254.169.254, 10.244.0.0/16, 10.96.0.0/16 } accept',
      'oifname "eth0" ip daddr { 172.18.0.0/16 } accept',
      'oifname "eth0" ip daddr { 172.18.0.0/16, 169.254.169.254 } accept',
    ])
  })

  it('may be loaded again: the table is made, so that it can be removed, and made anew', () => {
    const table = 'table inet clusterproof-egress'
    expect(rules.split('\n').filter((line) => line.includes('table'))).toEqual([table, `delete ${table}`, `${table} {`])
    expect(rules.endsWith('}\n')).toBe(true)
  })
})

describe('writeEgressFiles', () => {
  it('writes what is mounted: the rules, and a unit without which no container runs', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-egress-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const files = writeEgressFiles(path.join(folder, 'new'), '10.0.0.0/24')
    const text = new Map(files.map(({ hostPath, containerPath }) => [containerPath, readFileSync(hostPath, 'utf8')]))
    const unit = '/etc/systemd/system/clusterproof-egress.service'
    const dropIn = '/etc/systemd/system/containerd.service.d/10-clusterproof-egress.service.conf'
    expect([...text.keys()]).toEqual(['/etc/clusterproof/egress.nft', unit, dropIn])
    expect(text.get('/etc/clusterproof/egress.nft')).toBe(egressRules('10.0.0.0/24'))
    expect(text.get(dropIn)).toMatch(/^Requires=clusterproof-egress\.service\nAfter=clusterproof-egress\.service$/m)
    expect(text.get(unit)).toMatch(/^Before=containerd\.service kubelet\.service$/m)
    expect(text.get(unit)).toContain('ExecStart=/usr/sbin/nft -f /etc/clusterproof/egress.nft\n')
  })
})

describe('egressFiles', () => {
  it('are the mounted ones, with what shall pass', () => {
    const files = egressFiles('10.0.0.0/24', ['169.254.169.254'])
    expect(files.map((file) => file.path)).toEqual([
      '/etc/clusterproof/egress.nft',
      '/etc/systemd/system/clusterproof-egress.service',
      '/etc/systemd/system/containerd.service.d/10-clusterproof-egress.service.conf',
    ])
    expect(files[0]?.content).toBe(egressRules('10.0.0.0/24', ['169.254.169.254']))
  })
})

describe('egressClosed', () => {
  const node = (stdout: string, exitCode = 0) => ({
    exec: () => Promise.resolve({ stdout, stderr: '', exitCode, durationMs: 1 }),
  })
  const rule = 'oifname "eth0" counter packets 3 bytes 180 reject with icmpx admin-prohibited'

  it('is so where every way out ends in a rule that lets nothing pass', async () => {
    const last = 'oifname "eth0" counter packets 0 bytes 0 drop'
    expect(await egressClosed(node([rule, rule, last].join('\n')))).toBe(true)
    expect(await egressClosed(node([rule, rule].join('\n')))).toBe(false)
    expect(await egressClosed(node('', 1))).toBe(false)
  })
})
