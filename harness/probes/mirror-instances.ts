import type { Mirror } from '../add-ons/mirror.ts'
import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { inPodNetwork } from '../nodes/pod-network.ts'
import { candidateEvents, candidates, type CandidateState } from './candidates.ts'

/** One instance of a mirror. */
export interface MirrorInstance extends CandidateState {
  /** Other instances that it is connected to, by address. */
  readonly peers: readonly string[]
}

/** The instances of a mirror and their peers; empty where it is one server. @throws {CommandError} as `peersOf` does */
export async function mirrorInstances(cluster: StartedCluster, mirror: Mirror): Promise<MirrorInstance[]> {
  if (mirror.electorate === null) return []
  const states = await candidates(cluster, mirror.electorate)
  return Promise.all(
    states.map(async (state) => Object.assign(state, { peers: await instancePeers(cluster, mirror, state) })),
  )
}

/** Whom an instance is connected to; none where its pod has no address yet. @throws {CommandError} as `peersOf` does */
export async function instancePeers(
  { nodes }: Pick<StartedCluster, 'nodes'>,
  { peerPort }: Pick<Mirror, 'peerPort'>,
  { node: machine, ip }: Pick<CandidateState, 'node' | 'ip'>,
): Promise<string[]> {
  const node = nodes.find(({ name }) => name === machine)
  return node === undefined || ip === '' || peerPort === null ? [] : peersOf(node, ip, peerPort)
}

/** Whom an instance is connected to, by the connections of its pod. @throws {CommandError} where the pod is gone */
export async function peersOf(node: ClusterNode, ip: string, port: number): Promise<string[]> {
  const { stdout } = await inPodNetwork(node, ip, ['ss', '-Htn', 'state', 'established'])
  return parsePeers(stdout, ip, port)
}

/** The other ends of `ss`'s connections that have the port on either side, each once; its own address is none. */
export function parsePeers(table: string, own: string, port: number): string[] {
  const peers = table.split('\n').flatMap((line) => {
    const [, , local = '', remote = ''] = line.trim().split(/\s+/)
    const [localPort, remotePort] = [local, remote].map((end) => Number(end.slice(end.lastIndexOf(':') + 1)))
    const address = remote
      .slice(0, remote.lastIndexOf(':'))
      .replace(/^\[(?:::ffff:)?/, '')
      .replace(/\]$/, '')
    return (localPort === port || remotePort === port) && address !== own && address !== '' ? [address] : []
  })
  return [...new Set(peers)].toSorted()
}

/** When each instance last said "leader is self", in milliseconds since the epoch; absent: it has not. */
export async function selfClaims(
  cluster: StartedCluster,
  { electorate }: Mirror,
): Promise<ReadonlyMap<string, number>> {
  if (electorate === null) return new Map()
  const states = await candidates(cluster, electorate)
  const claims = await Promise.all(
    states.map(async ({ pod }) => {
      const events = await candidateEvents(cluster, electorate, pod)
      const last = events.findLast(({ kind }) => kind === 'self')
      return last === undefined ? [] : [[pod, last.at] as const]
    }),
  )
  return new Map(claims.flat())
}

/** `spegel-x on worker-1 Ready, 1 peer; …`. */
export function describeInstances(instances: readonly MirrorInstance[]): string {
  return (
    instances
      .map(
        ({ pod, node, ready, peers, waiting, restarts }) =>
          `${pod} on ${node} ${ready ? 'Ready' : 'not Ready'}, ${peers.length} peers` +
          `${restarts === 0 ? '' : `, ${restarts} restarts`}${waiting === null ? '' : ` (${waiting.slice(0, 200)})`}`,
      )
      .join('; ') || 'no instances'
  )
}
