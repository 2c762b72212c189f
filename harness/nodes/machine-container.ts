import { setTimeout as delay } from 'node:timers/promises'

import { run } from '../process.ts'
import { type Run, runLabel } from '../run.ts'

/** A file that a machine has before its first process runs. */
export interface MachineFile {
  readonly path: string
  readonly content: string
  /** Permissions; default 0644. */
  readonly mode?: number
}

/** What a machine is made of. */
export interface MachineOptions {
  readonly name: string
  readonly image: string
  readonly network: string
  /** Its IPv4 address for life, within the network's subnet; left out: one that the engine chooses at each start. */
  readonly address?: string
  /** Further names that it has on the network. */
  readonly aliases?: readonly string[]
  /** Host name that it has from the start; left out: its name. */
  readonly hostname?: string
  readonly files?: readonly MachineFile[]
  /** Ports of the machine that the host's loopback gets, each with the port there; 0: any that is free. */
  readonly ports?: Readonly<Record<number, number>>
  readonly environment?: Readonly<Record<string, string>>
  /** Folders that it keeps for life, each a labelled volume; left out: all of /var. */
  readonly volumes?: readonly string[]
  /** False: a container like any other, for what needs no rights over the kernel. Left out: a machine, which does. */
  readonly privileged?: boolean
  /** Replaces what the image starts: for what is no machine with an init, such as a load balancer. */
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
}

/** What starts machines: large, and of no use to runs that start none. */
export function loadMachines(): Promise<typeof import('./machine-testcontainer.ts')> {
  return import('./machine-testcontainer.ts')
}

/**
 * Starts a container that is a machine: privileged (unless told otherwise), with an init that may stop and start it
 * again, tmpfs where systemd expects it, and labelled volumes. It restarts itself whenever it ends with an error code,
 * as a rebooting systemd does; whoever stops or kills it from outside must start it again.
 */
export async function startMachine(run_: Pick<Run, 'id'>, options: MachineOptions): Promise<void> {
  const { MachineContainer } = await loadMachines()
  await new MachineContainer(run_, options).start()
}

/** The machine's port as the host's loopback has it. It may change whenever the machine is started again. */
export async function publishedPort(name: string, port: number): Promise<number> {
  // The engine answers before it has written the port down, now and then.
  for (let attempt = 0; ; attempt += 1) {
    const { stdout, exitCode } = await run('docker', ['port', name, `${port}/tcp`], { reject: false })
    const found = /:(\d+)\s*$/m.exec(stdout)?.[1]
    if (found !== undefined) return Number(found)
    if (attempt === 20) throw new Error(`the engine publishes no port ${port} of ${name} (docker port: ${exitCode})`)
    await delay(100)
  }
}

/** Labels of everything that a run makes. */
export function runLabels({ id }: Pick<Run, 'id'>): Record<string, string> {
  return { [runLabel]: id }
}
