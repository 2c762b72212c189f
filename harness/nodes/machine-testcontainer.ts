import { GenericContainer, PullPolicy } from 'testcontainers'

import type { Run } from '../run.ts'
import { type MachineOptions, runLabels } from './machine-container.ts'

/**
 * testcontainers' container with what a machine needs beyond its options: an address for life, a port on the loopback
 * only, a cgroup namespace of its own, a labelled volume, and a policy for restarts. Its reaper is not used: it would
 * need an image of its own, end clusters that are to be kept, and know nothing of what other providers make. The run's
 * label and `npm run sweep` take its place.
 */
export class MachineContainer extends GenericContainer {
  constructor(run: Pick<Run, 'id'>, options: MachineOptions) {
    super(options.image)
    const labels = runLabels(run)
    this.withName(options.name)
      .withHostname(options.hostname ?? options.name)
      .withLabels(labels)
      .withAutoCleanup(false)
      .withAutoRemove(false)
      .withNetworkMode(options.network)
      .withTmpFs({ '/tmp': '', '/run': '' })
      .withEnvironment({ container: 'docker', ...options.environment })
      .withCopyContentToContainer(
        (options.files ?? []).map(({ path: target, content, mode = 0o644 }) => ({ target, content, mode })),
      )
      .withPullPolicy(PullPolicy.neverPull())
    const { privileged = true, address, aliases = [] } = options
    if (privileged) this.withPrivilegedMode().withSecurityOpt('seccomp=unconfined', 'apparmor=unconfined')
    if (options.entrypoint !== undefined) this.withEntrypoint([...options.entrypoint])
    if (options.command !== undefined) this.withCommand([...options.command])
    // Not withNetworkAliases: it connects the engine's default network as well.
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: {
        [options.network]: {
          ...(address !== undefined && { IPAMConfig: { IPv4Address: address } }),
          ...(aliases.length > 0 && { Aliases: [...aliases] }),
        },
      },
    }
    const ports = Object.entries(options.ports ?? {})
    this.createOpts.ExposedPorts = Object.fromEntries(ports.map(([port]) => [`${port}/tcp`, {}]))
    // The types of the engine's client do not know of cgroup namespaces, the engine does (API 1.41).
    const ownCgroups: object = { CgroupnsMode: 'private' }
    this.hostConfig = {
      ...this.hostConfig,
      ...ownCgroups,
      RestartPolicy: { Name: 'on-failure' },
      PortBindings: Object.fromEntries(
        ports.map(([port, hostPort]) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort: String(hostPort) }]]),
      ),
      Mounts: (options.volumes ?? ['/var']).map((target) => ({
        Type: 'volume',
        Source: '',
        Target: target,
        VolumeOptions: { NoCopy: false, Labels: labels, DriverConfig: { Name: '', Options: {} } },
      })),
      ...(privileged && { Binds: ['/lib/modules:/lib/modules:ro'] }),
    }
  }
}
