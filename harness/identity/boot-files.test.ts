import { describe, expect, it } from 'vitest'

import { bootFiles, initialHostname } from './boot-files.ts'

const system = '/etc/systemd/system'

describe('bootFiles', () => {
  it('are none where the machine has its name from the start', () => {
    expect(bootFiles({ mode: 'static', fallbackAfterMs: 3_000 })).toEqual([])
    expect(initialHostname('static', 'worker-1')).toBe('worker-1')
  })

  it.each(['wait-for-metadata', 'fallback-name'] as const)(
    'let nothing that takes the name start before it: %s',
    (mode) => {
      const files = new Map(bootFiles({ mode, fallbackAfterMs: 1_500 }).map((file) => [file.path, file.content]))
      const unit = files.get(`${system}/clusterproof-hostname.service`)
      expect(unit).toMatch(/^Before=containerd\.service kubelet\.service etcd\.service$/m)
      expect(unit).toMatch(new RegExp(`^Environment=HOSTNAME_MODE=${mode} FALLBACK_AFTER_MS=1500$`, 'm'))
      for (const named of ['kubelet', 'etcd']) {
        expect(files.get(`${system}/${named}.service.d/10-clusterproof-hostname.conf`)).toBe(
          '[Unit]\nRequires=clusterproof-hostname.service\nAfter=clusterproof-hostname.service\n',
        )
      }
      expect(initialHostname(mode, 'worker-1')).toBe('unnamed')
    },
  )

  it('go on asking only where a name may be made up', () => {
    const wanted = (mode: 'wait-for-metadata' | 'fallback-name') =>
      bootFiles({ mode, fallbackAfterMs: 0 })
        .find(({ path }) => path.includes('multi-user.target.d'))
        ?.content.match(/Wants=(.*)/)?.[1]
    expect(wanted('wait-for-metadata')).toBe('clusterproof-hostname.service')
    expect(wanted('fallback-name')).toBe('clusterproof-hostname.service clusterproof-rename.service')
  })

  it('say in every unit that it is an emulation', () => {
    const units = bootFiles({ mode: 'fallback-name', fallbackAfterMs: 0 }).filter(({ path }) =>
      path.endsWith('.service'),
    )
    expect(units).toHaveLength(2)
    for (const { content } of units) expect(content).toContain('Description=clusterproof (emulation): ')
  })
})
