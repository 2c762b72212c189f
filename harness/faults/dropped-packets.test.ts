import { beforeEach, describe, expect, it } from 'vitest'

import { FilteringNode } from '../fake-nft.ts'
import { CommandError } from '../process.ts'
import { droppedOn, dropping } from './dropped-packets.ts'
import { MissingCapability } from './fault.ts'

const table = 'inet clusterproof-x-1'
let nodes: [FilteringNode, FilteringNode]

beforeEach(() => {
  nodes = [new FilteringNode('a', ['worker']), new FilteringNode('b', ['worker'])]
})

describe('dropping', () => {
  it('is in force on all machines until it is healed', async () => {
    const heal = await dropping(table, [
      [nodes[0], 'one'],
      [nodes[1], 'two'],
    ])
    expect(nodes.map(({ rules }) => rules)).toEqual(['one', 'two'])
    await heal()
    expect(nodes.map(({ rules }) => rules)).toEqual([null, null])
  })

  it('is in force on none where one of them does not take it', async () => {
    nodes[1].says = new CommandError({
      command: 'nft',
      outcome: 'exit code 127',
      exitCode: 127,
      timedOut: false,
      stdout: '',
      stderr: '',
      cause: null,
    })
    await expect(
      dropping(
        table,
        nodes.map((node) => [node, 'x'] as const),
      ),
    ).rejects.toThrow(new MissingCapability('b has no nft to drop packets with'))
    expect(nodes[0].rules).toBeNull()
  })
})

describe('droppedOn', () => {
  it('is nothing where nobody dropped any', async () => {
    expect(await droppedOn(table, nodes)).toBeNull()
    expect(await droppedOn(table, [])).toBeNull()
  })

  it('has a number for each, or none for who does not answer', async () => {
    nodes[0].packets = 3
    expect(await droppedOn(table, nodes)).toEqual({ dropped: { a: 3, b: 0 } })
    nodes[1].says = new Error('b is off')
    expect(await droppedOn(table, nodes)).toEqual({ dropped: { a: 3, b: null } })
    expect(await droppedOn(table, nodes, nodes)).toEqual({ dropped: { a: 3, b: null } })
  })

  it('is nothing where one of those that must have dropped any has not', async () => {
    nodes[0].packets = 3
    expect(await droppedOn(table, nodes, [nodes[0]])).not.toBeNull()
    expect(await droppedOn(table, nodes, nodes)).toBeNull()
  })
})
