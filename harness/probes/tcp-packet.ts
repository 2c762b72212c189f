import type { ClusterNode } from '../nodes/node.ts'
import { inPodNetwork } from '../nodes/pod-network.ts'
import type { RunResult } from '../process.ts'

type Machine = Pick<ClusterNode, 'name' | 'exec'>

/** Where a packet is sent. */
export interface TcpTarget {
  /** IPv4 address. */
  readonly ip: string
  readonly port: number
}

/** What became of a packet. */
export interface TcpResult {
  /** Whether the target took the connection: packets go there and come back. */
  readonly passed: boolean
  /** Why not, in curl's words; empty where it passed. */
  readonly said: string
}

/** On one host a handshake takes a millisecond; a packet that is lost is sent again after a second. */
const limitSeconds = 2

/**
 * Whether a connection can be made from a pod: what its own processes would meet. That it cannot is an observation.
 * @param podIp the pod's IPv4 address
 * @throws {Error} where no pod of that node has the address, or the node cannot try
 */
export async function tcpFromPod(node: Machine, podIp: string, to: TcpTarget): Promise<TcpResult> {
  return read(node, await inPodNetwork(node, podIp, curl(to), { reject: false }))
}

/** The same from the node itself. */
export async function tcpFromNode(node: Machine, to: TcpTarget): Promise<TcpResult> {
  return read(node, await node.exec(curl(to), { reject: false }))
}

/** Only the handshake counts: what the target makes of the request, and whether it answers it, is its own affair. */
function curl({ ip, port }: TcpTarget): readonly [string, ...string[]] {
  const limit = String(limitSeconds)
  return [
    'curl',
    '--silent',
    '--output',
    '/dev/null',
    '--connect-timeout',
    limit,
    '--max-time',
    limit,
    '--write-out',
    '%{time_connect} %{errormsg}',
    `http://${ip}:${port}/`,
  ]
}

function read({ name }: Machine, { stdout, stderr }: RunResult): TcpResult {
  const found = /^([\d.]+) (.*)$/s.exec(stdout)
  if (found === null)
    throw new Error(`${name} cannot send a packet: ${(stderr || stdout).trim() || 'curl said nothing'}`)
  const passed = Number(found[1]) > 0
  return { passed, said: passed ? '' : (found[2] ?? '').trim() }
}
