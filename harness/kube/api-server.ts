import type { StartedCluster } from '../cluster.ts'
import type { KubeList } from './api.ts'

/** Where a server of the API listens. */
export interface ApiServerAddress {
  /** IPv4 address. */
  readonly ip: string
  readonly port: number
}

interface Slice {
  readonly addressType: string
  readonly endpoints: readonly { readonly addresses: readonly string[] }[] | null
  readonly ports: readonly { readonly port: number }[]
}

interface Service {
  readonly spec: { readonly clusterIP: string; readonly ports: readonly { readonly port: number }[] }
}

const slices =
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=kubernetes'

/** The API servers as the Service `kubernetes` leads to them: what a packet to it is for once it has been translated. */
export async function apiServerEndpoints({ api }: Pick<StartedCluster, 'api'>): Promise<ApiServerAddress[]> {
  const { items } = await api.get<KubeList<Slice>>(slices)
  return items
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).flatMap(({ addresses }) => addresses.flatMap((ip) => ports.map(({ port }) => ({ ip, port })))),
    )
}

/** The address and port that pods know: the Service `kubernetes`. */
export async function apiServerService({ api }: Pick<StartedCluster, 'api'>): Promise<ApiServerAddress> {
  const { spec } = await api.get<Service>('/api/v1/namespaces/default/services/kubernetes')
  return { ip: spec.clusterIP, port: spec.ports[0]?.port ?? 443 }
}
