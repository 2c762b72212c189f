import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { entrypoint, machineFiles } from './machine-files.ts'

const define = (changes: Partial<ClusterDefinitionInput> = {}) =>
  defineCluster({ name: 'x', provider: 'k3s', nodes: [{ name: 'server', roles: ['control-plane'] }], ...changes })

const files = (changes: Partial<ClusterDefinitionInput> = {}) =>
  new Map(machineFiles(define(changes), '172.18.0.0/16').map((file) => [file.path, file]))

const registries = '/etc/rancher/k3s/registries.yaml'
const kubelet = '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/50-clusterproof.conf'

describe('machineFiles', () => {
  it('start with a script that closes the egress first and becomes k3s', () => {
    const start = files().get(entrypoint)
    expect(start?.mode).toBe(0o755)
    const lines = start?.content.trim().split('\n') ?? []
    expect(lines.slice(0, 2)).toEqual(['#!/bin/sh', 'set -eu'])
    expect(lines.slice(-2)).toEqual([
      '[ ! -e /clusterproof/close-egress ] || /clusterproof/close-egress',
      'exec /bin/k3s "$@"',
    ])
  })

  it('close the egress unless the definition opens it', () => {
    expect(files().has('/clusterproof/close-egress')).toBe(true)
    expect(files({ network: { egress: 'open' } }).has('/clusterproof/close-egress')).toBe(false)
  })

  it("put the definition's kubelet fields over those that containers need", () => {
    expect(
      parse(files({ kubelet: { maxPods: 20, imageGCHighThresholdPercent: 90 } }).get(kubelet)?.content ?? ''),
    ).toEqual({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      failCgroupV1: false,
      imageGCHighThresholdPercent: 90,
      evictionHard: { 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
      maxPods: 20,
    })
  })

  it('have the registries that the definition gives', () => {
    expect(files().has(registries)).toBe(false)
    const given = { mirrors: { 'docker.io': { endpoint: ['https://mirror.example'] } } }
    const file = files({ k3s: { embeddedRegistry: true, registries: given } }).get(registries)
    expect(parse(file?.content ?? '')).toEqual(given)
  })

  it('have every registry mirrored where the embedded mirror is asked for and nothing else is said', () => {
    const content = files({ k3s: { embeddedRegistry: true } }).get(registries)?.content ?? ''
    expect(parse(content)).toEqual({ mirrors: { '*': null } })
    // YAML would take a bare asterisk for an alias.
    expect(content).toContain('"*":')
  })
})
