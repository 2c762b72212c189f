import { readFileSync } from 'node:fs'

import type { MachineFile } from '../nodes/machine-container.ts'
import type { BootMode } from '../topology.ts'

/** What a machine must have to come to its name as a cloud's machine does. */
export interface BootFilesOptions {
  readonly mode: BootMode
  /**
   * Milliseconds after its first question until when a machine asks before it makes a name up (`fallback-name`) or keeps
   * the one that it had in an earlier boot (both modes).
   */
  readonly fallbackAfterMs: number
}

const hostnameUnit = 'clusterproof-hostname.service'
const renameUnit = 'clusterproof-rename.service'
const program = '/usr/local/lib/clusterproof/machine-hostname'

/** Units that take the machine's name once, when they start. */
const namedUnits = ['kubelet.service', 'etcd.service']

/**
 * The files that emulate a cloud's machine, to be copied before its first process runs; none for `static`.
 *
 * A unit comes to the host name before containerd, the kubelet and etcd start, the last two only where it succeeded. It
 * is reached from drop-ins: systemd takes only links in a .wants folder.
 */
export function bootFiles({ mode, fallbackAfterMs }: BootFilesOptions): MachineFile[] {
  if (mode === 'static') return []
  const rename = mode === 'fallback-name'
  const environment = [`HOSTNAME_MODE=${mode}`, `FALLBACK_AFTER_MS=${Math.round(fallbackAfterMs)}`]
  return [
    { path: program, content: script(), mode: 0o755 },
    unit(hostnameUnit, establishUnit(environment)),
    ...(rename ? [unit(renameUnit, renamingUnit(environment))] : []),
    dropIn('multi-user.target', `Wants=${[hostnameUnit, ...(rename ? [renameUnit] : [])].join(' ')}`),
    ...namedUnits.map((named) => dropIn(named, `Requires=${hostnameUnit}\nAfter=${hostnameUnit}`)),
  ]
}

/**
 * The host name that a machine's container is made with. It must not be the final one where the machine is to come to it
 * by itself, and not `localhost`, which would resolve to another address than the machine's.
 */
export function initialHostname(mode: BootMode, finalName: string): string {
  return mode === 'static' ? finalName : 'unnamed'
}

function script(): string {
  return readFileSync(new URL('machine-hostname.sh', import.meta.url), 'utf8')
}

function unit(name: string, content: string): MachineFile {
  return { path: `/etc/systemd/system/${name}`, content }
}

function dropIn(name: string, lines: string): MachineFile {
  return unit(`${name}.d/10-clusterproof-hostname.conf`, `[Unit]\n${lines}\n`)
}

function establishUnit(environment: readonly string[]): string {
  return `[Unit]
Description=clusterproof (emulation): the host name comes from the cloud
After=clusterproof-egress.service
Before=containerd.service ${namedUnits.join(' ')}

[Service]
Type=oneshot
RemainAfterExit=yes
Environment=${environment.join(' ')}
ExecStart=${program} establish
TimeoutStartSec=infinity
`
}

function renamingUnit(environment: readonly string[]): string {
  return `[Unit]
Description=clusterproof (emulation): the real host name comes late
Requires=${hostnameUnit}
After=${hostnameUnit}

[Service]
Type=exec
Environment=${environment.join(' ')}
ExecStart=${program} rename
`
}
