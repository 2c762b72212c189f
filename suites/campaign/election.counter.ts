import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { counter, inSeededOrder } from './seeded.ts'

// What candidates need beside the API server: names, and their rights.
const rights = await scenariosOf(() => import('../election/rights.suite.ts'))

const deployment = '/apis/apps/v1/namespaces/kube-system/deployments/coredns'
const dnsPods = '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns&gracePeriodSeconds=0'

/** Nobody answers for names once the policy is in force: the Deployment has no replicas. */
const dnsScaledToNothing: Sabotage = async (cluster) => {
  const { api } = cluster
  const { spec } = await api.get<{ spec: { replicas: number } }>(deployment)
  const armed = when(cluster, faultIs('struck', 'block-egress-policy'), async () => {
    await api.patch(deployment, { spec: { replicas: 0 } })
    await api.delete(dnsPods)
  })
  return undo(cluster, async () => {
    armed[Symbol.dispose]()
    await api.patch(deployment, { spec: { replicas: spec.replicas } })
  })
}

counter(rights, 'election.least-privilege-egress', 'a CoreDNS without replicas', {
  expected: { outcome: 'violates', diagnosis: 'election.dns-blocked' },
  sabotage: dnsScaledToNothing,
})

const policy = '/apis/networking.k8s.io/v1/namespaces/kube-system/networkpolicies/clusterproof-sabotage'

/** CoreDNS is there, and a policy of its own namespace lets nobody ask it. */
const dnsHearsNobody: Sabotage = (cluster) => {
  const { api } = cluster
  const armed = when(cluster, faultIs('struck', 'block-egress-policy'), () =>
    api.apply(policy, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'clusterproof-sabotage', namespace: 'kube-system' },
      spec: { podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } }, policyTypes: ['Ingress'] },
    }),
  )
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      await api.delete(policy)
    }),
  )
}

counter(rights, 'election.least-privilege-egress', 'a policy that lets nobody ask CoreDNS', {
  expected: { outcome: 'violates', diagnosis: 'election.dns-blocked' },
  sabotage: dnsHearsNobody,
})

const binding = '/apis/rbac.authorization.k8s.io/v1/namespaces/elector/rolebindings/elector'

/** The candidates' rights are gone as they are ended. */
const rightsGone: Sabotage = (cluster) => {
  const armed = when(cluster, faultIs('injecting', 'kill elector'), () => cluster.api.delete(binding))
  return Promise.resolve(undo(cluster, () => Promise.resolve(armed[Symbol.dispose]())))
}

counter(rights, 'election.lock-precreated', 'candidates that lose their rights', {
  expected: { outcome: 'violates', diagnosis: 'election.rbac-denied' },
  sabotage: rightsGone,
})

inSeededOrder()
