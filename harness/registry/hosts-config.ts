import type { Journal } from '../journal.ts'
import type { ClusterNode } from '../nodes/node.ts'

/** The folder that containerd's `config_path` names on kind's nodes and this project's. */
export const certsFolder = '/etc/containerd/certs.d'

export interface HostsOptions {
  /** Base URLs that are asked before the registry itself, in this order: `http://127.0.0.1:30020`. */
  readonly mirrors?: readonly string[]
  /** Folder of the hosts' folders; default: {@link certsFolder}. */
  readonly folder?: string
  readonly journal?: Pick<Journal, 'append'>
}

/**
 * Tells a node's containerd that a registry speaks plain HTTP, and which mirrors stand before it. containerd reads the
 * file at each pull: it takes effect at once, and needs no restart. On k3s its own registries.yaml does this, at start.
 * @param host as it stands in names of images: `upstream.test`
 */
export async function configureRegistry(
  node: Pick<ClusterNode, 'name' | 'exec'>,
  host: string,
  { mirrors = [], folder = certsFolder, journal }: HostsOptions = {},
): Promise<void> {
  // A pull that comes in between finds the old file or the new one, whole.
  const replace = 'mkdir -p "$1" && cat >"$1/hosts.toml.new" && mv "$1/hosts.toml.new" "$1/hosts.toml"'
  const directory = hostFolder(host, folder)
  await node.exec(['sh', '-c', replace, 'sh', directory], { input: hostsToml(host, mirrors) })
  journal?.append('cluster', 'registry-configured', `node/${node.name}`, { host, mirrors })
}

/** Takes back what {@link configureRegistry} wrote; that there is nothing is no error. */
export async function forgetRegistry(
  node: Pick<ClusterNode, 'name' | 'exec'>,
  host: string,
  { folder = certsFolder, journal }: Omit<HostsOptions, 'mirrors'> = {},
): Promise<void> {
  await node.exec(['rm', '-rf', hostFolder(host, folder)])
  journal?.append('cluster', 'registry-forgotten', `node/${node.name}`, { host })
}

/**
 * The text of containerd's hosts.toml for a registry that speaks plain HTTP.
 * @throws {RangeError} where a mirror is no http(s) URL, or `host` no host
 */
export function hostsToml(host: string, mirrors: readonly string[] = []): string {
  const tables = mirrors.map((mirror) => {
    if (!/^https?:$/.test(URL.parse(mirror)?.protocol ?? '')) throw new RangeError(`${mirror} is no URL of a mirror`)
    return `\n[host.${quoted(mirror)}]\n  capabilities = ["pull", "resolve"]\n`
  })
  // containerd 1.7 refuses a file without this table ("invalid `host` tree"), and then asks over HTTPS.
  return `server = ${quoted(`http://${checked(host)}`)}\n\n[host]\n${tables.join('')}`
}

function hostFolder(host: string, folder: string): string {
  return `${folder}/${checked(host)}`
}

function checked(host: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*(?::\d+)?$/i.test(host))
    throw new RangeError(`${JSON.stringify(host)} is no registry's host`)
  return host
}

/** TOML's basic strings take what JSON's strings are. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
