import { describe, expect, it, vi } from 'vitest'

import { FakeApi } from '../fake-cluster.ts'
import { MissingImage } from '../images/provide.ts'
import { UnavailableCluster } from '../no-cluster.ts'
import { defineCluster } from '../topology.ts'
import { policyAddOn } from './policy-add-on.ts'

const define = (policy?: 'none' | 'kube-router') =>
  defineCluster({
    name: 'x',
    provider: 'kubeadm',
    nodes: [{ name: 'cp', roles: ['control-plane'] }],
    network: policy === undefined ? {} : { policy },
  })

const packed = { pack: () => Promise.resolve('docker.io/cloudnativelabs/kube-router:v2.5.0') }
const missing = { pack: () => Promise.reject(new MissingImage('no way leads to it', { hint: 'Fetch it.' })) }

describe('policyAddOn', () => {
  it('is none where the definition asks for none, and asks for no image then', async () => {
    expect(await policyAddOn(define(), missing)).toBeNull()
    expect(await policyAddOn(define('none'), missing)).toBeNull()
  })

  it('applies kube-router with the image that was packed', async () => {
    const api = new FakeApi()
    const lists = {
      '/api/v1': [{ name: 'serviceaccounts', kind: 'ServiceAccount', namespaced: true }],
      '/apis/rbac.authorization.k8s.io/v1': [
        { name: 'clusterroles', kind: 'ClusterRole', namespaced: false },
        { name: 'clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false },
      ],
      '/apis/apps/v1': [{ name: 'daemonsets', kind: 'DaemonSet', namespaced: true }],
    }
    for (const [path, resources] of Object.entries(lists)) api.answers.set(path, { resources })
    const apply = vi.spyOn(api, 'apply').mockResolvedValue()
    const addOn = await policyAddOn(define('kube-router'), packed)
    await addOn?.apply(api, { host: 'x-cp', port: 6443 })
    expect(apply.mock.calls.map(([path]) => path)).toEqual([
      '/api/v1/namespaces/kube-system/serviceaccounts/kube-router',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/kube-router',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kube-router',
      '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-router',
    ])
    expect(JSON.stringify(apply.mock.calls[3]?.[1])).toContain('docker.io/cloudnativelabs/kube-router:v2.5.0')
  })

  it('is a cluster that cannot be had where the image cannot', async () => {
    const attempt = policyAddOn(define('kube-router'), missing)
    await expect(attempt).rejects.toThrow(UnavailableCluster)
    await expect(attempt).rejects.toThrow(
      'this machine cannot have NetworkPolicy enforced by kube-router: no way leads to it',
    )
  })
})
