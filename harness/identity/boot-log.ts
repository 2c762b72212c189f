import { z } from 'zod'

import type { ClusterNode } from '../nodes/node.ts'
import { dnsLabel } from './metadata-address.ts'

/** Where a machine notes how it came to its name. Both files are of the current boot: `/run` is a tmpfs. */
export const bootLogFile = '/run/clusterproof/boot.log'
export const stampFile = '/run/clusterproof/hostname'
/** The last name that the metadata service gave this machine: it outlives reboots. */
export const knownHostnameFile = '/var/lib/clusterproof/hostname'

const name = z.string().regex(dnsLabel)
/** Epoch milliseconds, by the clock that all containers of the host share. */
const at = z.number().int().nonnegative()

const eventSchema = z.discriminatedUnion('event', [
  z.object({ at, event: z.enum(['asking', 'no-name']), name: z.literal(''), detail: z.string() }),
  z.object({
    at,
    /**
     * `named`: it has a name and boots on. `refused`: another name than its own was answered, it does not.
     * `confirmed`, `renamed`: the real name came after a name was made up. `kubelet-restart`: for the new name.
     */
    event: z.enum(['named', 'refused', 'confirmed', 'renamed', 'kubelet-restart']),
    name,
    detail: z.string(),
  }),
])

/** What a machine noted while it came to its name. */
export type BootEvent = z.infer<typeof eventSchema>

const stampSchema = z.object({
  at,
  name,
  /** `known`: kept from an earlier boot. */
  source: z.enum(['metadata', 'known', 'made-up']),
})

/** The name that a machine has now, since when, and from where. */
export type HostnameStamp = z.infer<typeof stampSchema>

/**
 * The events of a boot log, in their order.
 * @throws {Error} where a line is none
 */
export function parseBootLog(text: string): BootEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => parse(eventSchema, line, `${bootLogFile}, line ${index + 1}`))
}

/** @throws {Error} where the text is no stamp */
export function parseStamp(text: string): HostnameStamp {
  return parse(stampSchema, text, stampFile)
}

type Executable = Pick<ClusterNode, 'name' | 'exec'>

/** What the machine noted since it was switched on; nothing where it has its name from the start, or is not that far. */
export async function readBootLog(node: Executable): Promise<BootEvent[]> {
  return parseBootLog((await read(node, bootLogFile)) ?? '')
}

/** The name that the machine has come to in this boot; null where it has none yet, or has it from the start. */
export async function readStamp(node: Executable): Promise<HostnameStamp | null> {
  const text = await read(node, stampFile)
  return text === null ? null : parseStamp(text)
}

async function read(node: Executable, file: string): Promise<string | null> {
  const { stdout, stderr, exitCode } = await node.exec(['cat', file], { reject: false })
  if (exitCode === 0) return stdout
  if (stderr.includes('No such file')) return null
  throw new Error(`${node.name}: cannot read ${file}: ${stderr.trim()}`)
}

function parse<T>(schema: z.ZodType<T>, line: string, place: string): T {
  try {
    return schema.parse(JSON.parse(line))
  } catch (cause) {
    throw new Error(`${place}: not as a machine writes it: ${line.slice(0, 200)}`, { cause })
  }
}
