import { bootLogFile } from '../../identity/boot-log.ts'
import type { MachineFile } from '../../nodes/machine-container.ts'
import type { BootMode } from '../../topology.ts'
import type { Machine } from './plan.ts'

/** Where the member's settings are; the unit does not start without them. */
export const etcdSettingsFile = '/etc/etcd.env'

const pki = '/etc/kubernetes/pki/etcd'

/** What a member is told of the cluster that it makes or joins. */
export interface InitialCluster {
  readonly state: 'new' | 'existing'
  /** Every member, this one too, by the name that it has now. */
  readonly members: readonly { readonly name: string; readonly host: string }[]
  readonly token: string
}

export const peerUrl = (host: string) => `https://${host}:2380`
export const clientUrl = (host: string) => `https://${host}:2379`

/** The member's settings, as etcd reads them from its environment. Hosts are names: they survive a change of address. */
export function etcdSettings({ name }: Pick<Machine, 'name'>, { state, members, token }: InitialCluster): string {
  const settings = {
    ETCD_DATA_DIR: '/var/lib/etcd',
    ETCD_LISTEN_CLIENT_URLS: 'https://0.0.0.0:2379',
    ETCD_ADVERTISE_CLIENT_URLS: clientUrl(name),
    ETCD_LISTEN_PEER_URLS: 'https://0.0.0.0:2380',
    ETCD_INITIAL_ADVERTISE_PEER_URLS: peerUrl(name),
    ETCD_INITIAL_CLUSTER: members.map((member) => `${member.name}=${peerUrl(member.host)}`).join(','),
    ETCD_INITIAL_CLUSTER_STATE: state,
    ETCD_INITIAL_CLUSTER_TOKEN: token,
    ETCD_TRUSTED_CA_FILE: `${pki}/ca.crt`,
    ETCD_CERT_FILE: `${pki}/server.crt`,
    ETCD_KEY_FILE: `${pki}/server.key`,
    ETCD_CLIENT_CERT_AUTH: 'true',
    ETCD_PEER_TRUSTED_CA_FILE: `${pki}/ca.crt`,
    ETCD_PEER_CERT_FILE: `${pki}/peer.crt`,
    ETCD_PEER_KEY_FILE: `${pki}/peer.key`,
    ETCD_PEER_CLIENT_CERT_AUTH: 'true',
    ETCD_STRICT_RECONFIG_CHECK: 'true',
  }
  return Object.entries(settings)
    .map(([name_, value]) => `${name_}=${value}\n`)
    .join('')
}

const bootNameProgram = '/usr/local/lib/clusterproof/boot-name'

/** Prints the name that the machine booted under; one that comes later is not asked for. */
const bootName = `#!/bin/sh
sed -n 's/.*"event":"named","name":"\\([^"]*\\)".*/\\1/p' ${bootLogFile} | head -n 1
`

export interface EtcdMachineOptions {
  readonly boot: BootMode
  readonly name: string
  /** Further flags, without their dashes. */
  readonly extraArgs: Readonly<Record<string, string>>
}

/**
 * The files that make a machine one of etcd alone, as Kubespray's `etcd_deployment_type: host` does: etcd is a systemd
 * unit, and neither a kubelet nor a container engine runs. An empty unit file is a masked unit.
 */
export function etcdMachineFiles(options: EtcdMachineOptions): MachineFile[] {
  const units = '/etc/systemd/system'
  return [
    { path: `${units}/etcd.service`, content: etcdUnit(options) },
    ...(options.boot === 'static' ? [] : [{ path: bootNameProgram, content: bootName, mode: 0o755 }]),
    { path: `${units}/multi-user.target.d/10-etcd.conf`, content: '[Unit]\nWants=etcd.service\n' },
    ...['containerd.service', 'kubelet.service', 'flannel.path'].map((unit) => ({
      path: `${units}/${unit}`,
      content: '',
    })),
  ]
}

function etcdUnit({ boot, name, extraArgs }: EtcdMachineOptions): string {
  const flags = Object.entries(extraArgs).map(([flag, value]) => ` --${flag}=${value}`)
  // Where the name is not known beforehand, the member takes the one that its machine first came to in this boot, as
  // Talos does: "a host name exists" is all that it waits for.
  const start =
    boot === 'static'
      ? `etcd --name=${name}${flags.join('')}`
      : `/bin/sh -c 'exec etcd --name="$(${bootNameProgram})"${flags.join('')}'`
  return `[Unit]
Description=etcd
Documentation=https://etcd.io/docs/
After=network.target
ConditionPathExists=${etcdSettingsFile}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
EnvironmentFile=${etcdSettingsFile}
ExecStart=${start}
Restart=always
RestartSec=1s
TimeoutStartSec=infinity
LimitNOFILE=40000

[Install]
WantedBy=multi-user.target
`
}
