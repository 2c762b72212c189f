import { readFileSync } from 'node:fs'

import { run } from '../process.ts'
import type { HostLimits } from './kind-config.ts'

/** Bit of CAP_SYS_RESOURCE in a capability set, include/uapi/linux/capability.h. */
const sysResourceBit = 24n

/** What containers of the local engine must do without. */
export async function hostLimits(): Promise<HostLimits> {
  const { stdout } = await run('docker', ['info', '--format', '{{.CgroupVersion}}'])
  return { cgroupVersion: stdout.trim() === '1' ? 1 : 2, noSysResource: lacksSysResource(readStatus()) }
}

/** Whether the process whose /proc/…/status this is can never have CAP_SYS_RESOURCE; false where it is not known. */
export function lacksSysResource(status: string): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return bounding !== undefined && ((BigInt(`0x${bounding}`) >> sysResourceBit) & 1n) === 0n
}

/** An engine in a virtual machine (Docker Desktop) has all capabilities; there is no /proc beside it. */
function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8')
  } catch {
    return ''
  }
}
