import { run } from '../process.ts'
import { type Run, runLabel } from '../run.ts'

/** A network of the engine whose machines keep their addresses for life. */
export interface MachineNetwork {
  readonly name: string
  /** `172.18.0.0/16` */
  readonly subnet: string
  /** The address of the machine with that number, counted from 0. */
  address(index: number): string
}

/** Addresses below are the engine's own: the gateway, and what it gives out by itself. */
const firstHost = 10

/**
 * A network with the run's label. The engine gives a container an address for life only in a subnet that the user
 * chose, and only the engine knows which one is free: it chooses, and is then asked for what it chose.
 */
export async function createMachineNetwork({ id }: Pick<Run, 'id'>, name: string): Promise<MachineNetwork> {
  const label = `${runLabel}=${id}`
  for (let attempt = 1; ; attempt += 1) {
    await run('docker', ['network', 'create', '--label', label, name])
    const format = '{{(index .IPAM.Config 0).Subnet}}'
    const subnet = (await run('docker', ['network', 'inspect', '--format', format, name])).stdout.trim()
    await run('docker', ['network', 'rm', name])
    // Another network may take the subnet in between.
    const created = await run('docker', ['network', 'create', '--label', label, '--subnet', subnet, name], {
      reject: attempt === 5,
    })
    if (created.exitCode === 0) return { name, subnet, address: (index) => hostAddress(subnet, firstHost + index) }
  }
}

/** The address with that number in an IPv4 subnet. @throws {RangeError} where the subnet ends before it */
export function hostAddress(subnet: string, number: number): string {
  const [network = '', length = ''] = subnet.split('/')
  const base = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  if (number >= 2 ** (32 - Number(length)) - 1) throw new RangeError(`${subnet} has no address for machine ${number}`)
  const value = base + number
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
