import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'

import { bootLogFile } from '../../identity/boot-log.ts'
import { run } from '../../process.ts'
import type { BootMode } from '../../topology.ts'
import { etcdMachineFiles, etcdSettings } from './etcd-member.ts'

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/)
const member = fc.record({ name: label, host: label })

const settingsOf = (...parameters: Parameters<typeof etcdSettings>) =>
  new Map(
    etcdSettings(...parameters)
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

describe('etcdSettings', () => {
  const cluster = { state: 'new', token: 'c', members: [{ name: 'one', host: 'c-one' }] } as const

  it('listen everywhere and are known by the name of the machine', () => {
    const settings = settingsOf({ name: 'c-one' }, cluster)
    expect(settings.get('ETCD_LISTEN_CLIENT_URLS')).toBe('https://0.0.0.0:2379')
    expect(settings.get('ETCD_ADVERTISE_CLIENT_URLS')).toBe('https://c-one:2379')
    expect(settings.get('ETCD_LISTEN_PEER_URLS')).toBe('https://0.0.0.0:2380')
    expect(settings.get('ETCD_INITIAL_ADVERTISE_PEER_URLS')).toBe('https://c-one:2380')
  })

  it('let in nobody without a certificate of the authority, neither clients nor peers', () => {
    const settings = settingsOf({ name: 'c-one' }, cluster)
    expect(settings.get('ETCD_CLIENT_CERT_AUTH')).toBe('true')
    expect(settings.get('ETCD_PEER_CLIENT_CERT_AUTH')).toBe('true')
    expect(settings.get('ETCD_TRUSTED_CA_FILE')).toBe('/etc/kubernetes/pki/etcd/ca.crt')
    expect(settings.get('ETCD_PEER_TRUSTED_CA_FILE')).toBe('/etc/kubernetes/pki/etcd/ca.crt')
  })

  it('name every member with its peer URL, whatever names they came to', () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 1 }), fc.constantFrom('new', 'existing'), (members, state) => {
        const settings = settingsOf({ name: 'm' }, { state, members, token: 't' })
        const told = (settings.get('ETCD_INITIAL_CLUSTER') ?? '').split(',').map((one) => {
          const [, name, host] = /^(.*)=https:\/\/(.*):2380$/.exec(one) ?? []
          return { name, host }
        })
        expect(told).toEqual(members)
        expect(settings.get('ETCD_INITIAL_CLUSTER_STATE')).toBe(state)
        expect(settings.get('ETCD_INITIAL_CLUSTER_TOKEN')).toBe('t')
      }),
    )
  })
})

describe('etcdMachineFiles', () => {
  const files = (boot: BootMode, extraArgs: Record<string, string> = {}) =>
    new Map(etcdMachineFiles({ boot, name: 'c-one', extraArgs }).map((file) => [file.path, file.content]))
  const unit = (boot: BootMode, extraArgs?: Record<string, string>) =>
    files(boot, extraArgs).get('/etc/systemd/system/etcd.service') ?? ''
  const start = (text: string) => /^ExecStart=(.*)$/m.exec(text)?.[1]

  it('mask what only a Node needs: an empty unit file', () => {
    const empty = [...files('static')].filter(([, content]) => content === '').map(([file]) => file)
    expect(empty).toEqual(
      ['containerd.service', 'kubelet.service', 'flannel.path'].map((name) => `/etc/systemd/system/${name}`),
    )
  })

  it('have etcd started with the machine, and not before it was told of its cluster', () => {
    expect(files('static').get('/etc/systemd/system/multi-user.target.d/10-etcd.conf')).toMatch(/^Wants=etcd.service$/m)
    expect(unit('static')).toMatch(/^ConditionPathExists=\/etc\/etcd\.env$/m)
    expect(unit('static')).toMatch(/^EnvironmentFile=\/etc\/etcd\.env$/m)
    expect(unit('static')).toMatch(/^Restart=always$/m)
  })

  it('name the member after its machine where that is known beforehand', () => {
    expect(start(unit('static'))).toMatch(/^\S*etcd --name=c-one$/)
  })

  it('pass further flags, whatever the name comes from', () => {
    const flags = { 'snapshot-count': '100', 'heartbeat-interval': '50' }
    const text = ' --snapshot-count=100 --heartbeat-interval=50'
    expect(start(unit('static', flags))).toBe(`${start(unit('static'))}${text}`)
    expect(start(unit('fallback-name', flags))).toBe(start(unit('fallback-name'))?.replace(/'$/, `${text}'`))
  })

  const program = '/usr/local/lib/clusterproof/boot-name'

  it.each(['wait-for-metadata', 'fallback-name'] as const)('take the name that the machine came to with %s', (boot) => {
    expect(start(unit(boot))).toMatch(new RegExp(`^/bin/sh -c 'exec \\S*etcd --name="\\$\\(${program}\\)"'$`))
    expect(unit(boot)).not.toContain('c-one')
  })

  it('take the name that the machine booted under, not one that comes later', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-boot-name-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const log = path.join(folder, 'boot.log')
    const script = etcdMachineFiles({ boot: 'fallback-name', name: 'c-one', extraArgs: {} }).find(
      (file) => file.path === program,
    )
    expect(script?.mode).toBe(0o755)
    const ask = async () =>
      (await run('sh', ['-c', (script?.content ?? '').replaceAll(bootLogFile, log)])).stdout.trim()

    const note = (event: string, name: string) =>
      `{"at":1,"event":"${event}","name":"${name}","detail":"it \\"is\\""}\n`
    writeFileSync(log, note('asking', ''))
    expect(await ask()).toBe('')
    appendFileSync(log, note('named', 'unnamed-7') + note('renamed', 'c-one') + note('named', 'c-two'))
    expect(await ask()).toBe('unnamed-7')
  })
})
