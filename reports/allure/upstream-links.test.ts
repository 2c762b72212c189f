import { expect, it } from 'vitest'

import { upstreamLink } from './upstream-links.ts'

it.each([
  ['spegel-org/spegel#333', 'https://github.com/spegel-org/spegel/issues/333'],
  [
    'kubernetes-sigs/kubespray#7532 (only deploy container engine if needed on etcd nodes)',
    'https://github.com/kubernetes-sigs/kubespray/issues/7532',
  ],
])('makes the issue of %s', (reference, url) => {
  expect(upstreamLink(reference)).toEqual({ name: reference, url, type: 'issue' })
})

it.each([
  ['kubernetes.io/docs/concepts/architecture/nodes/#node-status', undefined],
  ['https://etcd.io/docs/v3.6/tuning', 'https://etcd.io/docs/v3.6/tuning'],
  [
    'github.com/spegel-org/spegel/blob/main/pkg/routing/p2p.go: ProvideValidity',
    'https://github.com/spegel-org/spegel/blob/main/pkg/routing/p2p.go',
  ],
])('makes the page of %s', (reference, url = `https://${reference}`) => {
  expect(upstreamLink(reference)).toEqual({ name: reference, url, type: 'link' })
})

it.each([
  'k8s.io/client-go/tools/leaderelection/leaderelection.go: error retrieving resource lock',
  'kubernetes/pkg/controller/daemon/daemon_controller.go: podsShouldBeOnNode',
  'etcd server/config/config.go: ReqTimeout',
  'xenitab/spegel internal/routing/bootstrap.go: the elector ends with its first lost renewal',
  'javascript:alert(1)//a.io/',
])('makes no link of %s', (reference) => {
  expect(upstreamLink(reference)).toBeNull()
})
