import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { standIn } from './stand-in-envoy.ts'

// As kind 0.33 writes them (its pkg/cluster/internal/loadbalancer/config.go), without what envoy alone reads.
const listeners = `
resources:
- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  address:
    socket_address:
      address: "0.0.0.0"
      port_value: 6443
`
const endpoint = (host: string) => `
      - endpoint:
          address:
            socket_address:
              address: ${host}
              port_value: 6443
`

it('balances over the control planes that kind has written down', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-envoy-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const program = (name: string, text: string) => {
    writeFileSync(path.join(folder, name), text)
    chmodSync(path.join(folder, name), 0o755)
    return path.join(folder, name)
  }
  writeFileSync(path.join(folder, 'lds.yaml'), listeners)
  writeFileSync(
    path.join(folder, 'cds.yaml'),
    `resources:${['c-control-plane', 'c-control-plane2'].map(endpoint).join('')}`,
  )
  program('haproxy', '#!/bin/sh\necho "$@"\n')
  const env = { ...process.env, ENVOY_FOLDER: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}` }

  const said = execFileSync(program('envoy', standIn), ['-c', '/home/envoy/envoy.yaml'], { env, encoding: 'utf8' })

  expect(said).toBe(`-W -db -f ${folder}/haproxy.cfg\n`)
  const made = execFileSync('cat', [path.join(folder, 'haproxy.cfg')], { encoding: 'utf8' })
  expect(made).toContain('  bind :6443\n')
  expect(made.split('\n').filter((line) => line.startsWith('  server'))).toEqual([
    '  server c-control-plane c-control-plane:6443 check check-ssl verify none',
    '  server c-control-plane2 c-control-plane2:6443 check check-ssl verify none',
  ])
})
