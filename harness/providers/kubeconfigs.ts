import { parse, stringify } from 'yaml'

interface Kubeconfig {
  readonly clusters: { name: string; cluster: { server: string } }[]
}

/** The kubeconfig with the API's address as this host has it. */
export function onLoopback(kubeconfig: string, port: number): string {
  const config = read(kubeconfig)
  for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${port}`
  return stringify(config)
}

/** What a machine that joins must know of the API beside its token: its address and its authority, and no user. */
export function discoveryKubeconfig(kubeconfig: string): string {
  const { clusters } = read(kubeconfig)
  const name = 'discovery'
  const context = { cluster: clusters[0]?.name ?? '', user: name }
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters,
    contexts: [{ name, context }],
    users: [{ name, user: {} }],
    'current-context': name,
  })
}

function read(kubeconfig: string): Kubeconfig {
  // kubeadm has written it.
  return parse(kubeconfig) as Kubeconfig
}
