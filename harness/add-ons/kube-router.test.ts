import { describe, expect, it } from 'vitest'

import { kubeRouterObjects } from './kube-router.ts'

const objects = kubeRouterObjects({
  image: 'docker.io/cloudnativelabs/kube-router:v2.5.0',
  apiServer: { host: 'c-cp', port: 6443 },
  serviceRange: '10.96.0.0/16',
})
const daemonSet = JSON.stringify(objects.find(({ kind }) => kind === 'DaemonSet'))

describe('kubeRouterObjects', () => {
  it('have an account that may read and nothing else', () => {
    expect(objects.map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'ClusterRole',
      'ClusterRoleBinding',
      'DaemonSet',
    ])
    const verbs = [...JSON.stringify(objects[1]).matchAll(/"verbs":(\[[^\]]*\])/g)].map(([, list]) => list)
    expect(new Set(verbs)).toEqual(new Set(['["get","list","watch"]']))
  })

  it('filter, and leave routes and Services to others', () => {
    for (const flag of ['--run-firewall=true', '--run-router=false', '--run-service-proxy=false']) {
      expect(daemonSet).toContain(flag)
    }
    expect(daemonSet).toContain('--service-cluster-ip-range=10.96.0.0/16')
  })

  it('run on every machine, reach the API without kube-proxy, and pull nothing that is there', () => {
    expect(daemonSet).toContain('"tolerations":[{"operator":"Exists"}]')
    expect(daemonSet).toContain('{"name":"KUBERNETES_SERVICE_HOST","value":"c-cp"}')
    expect(daemonSet).toContain('{"name":"KUBERNETES_SERVICE_PORT","value":"6443"}')
    expect(daemonSet).toContain('"imagePullPolicy":"IfNotPresent"')
  })
})
