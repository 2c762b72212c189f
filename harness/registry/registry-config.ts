/**
 * The port that a registry listens at: HTTP's own, so that its name has none. containerd leaves the port out of the label
 * by which content is known to be a registry's (`containerd.io/distribution.source.HOST`), and a mirror that goes by it
 * (Spegel v0.7.4) does not offer what came from a registry with a port.
 */
export const registryPort = 80
/** Its folder for what it holds. */
export const registryStorage = '/var/lib/registry'

/** Where the program's own image has its configuration; the start names it, because releases differ in it. */
export const registryConfigFile = '/etc/distribution/config.yml'

/** What differs between registries. */
export interface RegistryConfig {
  /** Host and port of another registry, reached over plain HTTP, that this one is a pull-through cache of. */
  readonly proxyOf?: string | undefined
  /** Default: true, as published. */
  readonly keepAlive?: boolean | undefined
}

/**
 * distribution's configuration, as JSON, which is YAML. Every answered request becomes one line of JSON; the Apache
 * log beside it, which says the same with whole seconds, is off.
 */
export function registryConfig({ proxyOf, keepAlive = true }: RegistryConfig = {}): string {
  const config = {
    version: '0.1',
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: registryStorage }, delete: { enabled: true } },
    http: { addr: `:${registryPort}`, ...(!keepAlive && { headers: { Connection: ['close'] } }) },
    ...(proxyOf !== undefined && { proxy: { remoteurl: `http://${proxyOf}` } }),
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
