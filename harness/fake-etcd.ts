import type { EtcdLayout } from './cluster.ts'
import { type FakeCluster, FakeNode } from './fake-cluster.ts'
import type { RunResult } from './process.ts'
import type { Role } from './topology.ts'

/** A machine whose commands each have an answer of their own; one that nobody gave an answer says nothing. */
export class ScriptedNode extends FakeNode {
  readonly answers = new Map<string, Partial<RunResult>>()

  override async exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const unscripted = await super.exec(command)
    const text = command.join(' ')
    const found = [...this.answers].find(([part]) => text.includes(part))
    return { ...unscripted, ...found?.[1] }
  }
}

/** What a fake member says of itself. */
export interface FakeMemberState {
  /** Decimal, as the gateway has it. */
  id: string
  name: string
  /** Decimal; '0': it knows of none. */
  leader: string
  index: number
  term: number
  learner: boolean
  up: boolean
  /** As /health has it; empty: healthy. */
  ailment: string
}

/** A machine with a member of etcd that answers curl as etcd 3.6 does. */
export class FakeMember extends ScriptedNode {
  readonly state: FakeMemberState
  /** The member list that it knows, in the gateway's own words. */
  list: object[] = []

  constructor(name: string, roles: readonly Role[], state: Partial<FakeMemberState> & Pick<FakeMemberState, 'id'>) {
    super(name, roles)
    this.state = { name, leader: '1', index: 100, term: 2, learner: false, up: true, ailment: '', ...state }
  }

  override async exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const result = await super.exec(command)
    if (command[0] !== 'curl') return result
    const asked = command.filter((part) => part.startsWith('https://127.0.0.1:2379/'))
    if (asked.length === 0) return result
    if (!this.on) return { ...result, stderr: `container ${this.name} is not running`, exitCode: 1 }
    return { ...result, stdout: asked.map((url) => this.#answer(new URL(url))).join('\n') }
  }

  #answer({ pathname, search }: URL): string {
    const { up, ailment, id, leader, index, term, learner } = this.state
    if (!up) return `\n000 Failed to connect to 127.0.0.1 port 2379 after 0 ms: Could not connect to server`
    const header = { cluster_id: '7', member_id: id, raft_term: String(term) }
    switch (pathname) {
      case '/v3/cluster/member/list':
        return `${JSON.stringify({ header, members: this.list })}\n200 `
      case '/v3/maintenance/status': {
        const raft = { raftIndex: String(index), raftTerm: String(term), raftAppliedIndex: String(index) }
        const status = { header, version: '3.6.5', dbSize: '20480', ...raft }
        return `${JSON.stringify({ ...status, ...(leader === '0' ? {} : { leader }), ...(learner && { isLearner: true }) })}\n200 `
      }
      default: {
        const well = ailment === '' || search === '?serializable=true'
        const health = JSON.stringify({ health: String(well), reason: well ? '' : ailment })
        return well ? `${health}\n200 ` : `${health}\n\n503 `
      }
    }
  }
}

export const fakeLayout: EtcdLayout = {
  ca: '/pki/ca.crt',
  certificate: '/pki/client.crt',
  key: '/pki/client.key',
  dataDirectory: '/var/lib/etcd',
  unit: 'etcd',
}

/** Three machines of etcd alone, led by the first, whose members know each other by the machines' names. */
export function fakeMembers(): readonly [FakeMember, FakeMember, FakeMember] {
  const members = [
    new FakeMember('etcd-1', ['etcd'], { id: '1' }),
    new FakeMember('etcd-2', ['etcd'], { id: '2' }),
    new FakeMember('etcd-3', ['etcd'], { id: '3' }),
  ] as const
  const list = members.map(({ name, state }) => listed(state.id, name, name))
  for (const member of members) member.list = list
  return members
}

/** A member as the gateway lists it. */
export function listed(id: string, name: string, host: string): object {
  return {
    ID: id,
    ...(name === '' ? {} : { name }),
    peerURLs: [`https://${host}:2380`],
    clientURLs: [`https://${host}:2379`],
  }
}

/** The fake cluster with machines of etcd alone in front of its own. */
export function withMembers<T extends FakeNode>(cluster: FakeCluster, members: readonly T[]) {
  return { ...cluster, etcd: fakeLayout, nodes: [...members, ...cluster.nodes], boots: cluster.boots }
}
