import { findNode } from '../../harness/cluster.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { ControlPlaneComponent } from '../../harness/remedies/restart-component.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { mendMachine, shell } from './machine-sabotage.ts'

/** Beside the manifests: the kubelet takes every file among them for one. */
const change = `
manifest=/etc/kubernetes/manifests/$1.yaml
beside=/etc/kubernetes/$1.yaml
cp "$manifest" "$beside.saved"
sed "$2" "$manifest" >"$beside"
mv "$beside" "$manifest"
`

/** A static pod's manifest is changed by a sed expression as its machine is about to reboot. */
export function manifestChanged(component: ControlPlaneComponent, expression: string): Sabotage {
  return (cluster) => {
    const node = findNode(cluster, { role: 'control-plane' })
    const armed = when(cluster, faultIs('injecting', 'reboot', node), () =>
      shell(node, change, [component, expression]),
    )
    const saved = `/etc/kubernetes/${component}.yaml.saved`
    return Promise.resolve(
      undo(cluster, async () => {
        armed[Symbol.dispose]()
        // With the kubelet's start its back-off of the container is over.
        await mendMachine(node, `[ ! -f ${saved} ] || mv ${saved} /etc/kubernetes/manifests/${component}.yaml`)
      }),
    )
  }
}

const webhook = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/clusterproof-sabotage'

/** No ConfigMap can be written as soon as the machine is about to reboot: who has to be asked is not there. */
export const writesDenied: Sabotage = (cluster) => {
  const { api } = cluster
  const node = findNode(cluster, { role: 'control-plane' })
  const armed = when(cluster, faultIs('injecting', 'reboot', node), () =>
    api.apply(webhook, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'clusterproof-sabotage' },
      webhooks: [
        {
          name: 'nowhere.clusterproof.test',
          clientConfig: { service: { namespace: 'default', name: 'nowhere' } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
          failurePolicy: 'Fail',
          sideEffects: 'None',
          timeoutSeconds: 2,
          admissionReviewVersions: ['v1'],
        },
      ],
    }),
  )
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      await api.delete(webhook)
    }),
  )
}
