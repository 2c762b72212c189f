import { beforeEach, describe, expect, it, vi } from 'vitest'

import { ScriptedNode } from '../fake-etcd.ts'
import { CommandError } from '../process.ts'
import { droppedOn, dropping } from './dropped-packets.ts'
import { MissingCapability } from './fault.ts'
import { countedPackets, loadTable, nftTable, removeTable, uniqueTable } from './nft-table.ts'

const table = 'inet clusterproof-drill-1'
let node: ScriptedNode
let other: ScriptedNode

beforeEach(() => {
  node = new ScriptedNode('a', ['worker'])
  other = new ScriptedNode('b', ['worker'])
})

function failure(exitCode: number, stderr: string): CommandError {
  return new CommandError({
    command: 'docker exec a nft -f -',
    outcome: `exit code ${exitCode}`,
    exitCode,
    timedOut: false,
    stdout: '',
    stderr,
    cause: undefined,
  })
}

describe('a table', () => {
  it('has a chain for each hook that has rules', () => {
    expect(nftTable(table, { input: ['ip saddr 10.0.0.2 counter drop'], forward: ['a', 'b'] })).toBe(
      `table inet clusterproof-drill-1 {
  chain input {
    type filter hook input priority -20; policy accept;
    ip saddr 10.0.0.2 counter drop
  }
  chain forward {
    type filter hook forward priority -20; policy accept;
    a
    b
  }
}
`,
    )
  })

  it('is each fault’s own', () => {
    expect(uniqueTable('registry')).toMatch(/^inet clusterproof-registry-\d+$/)
    expect(uniqueTable('registry')).not.toBe(uniqueTable('registry'))
  })

  it('cannot be loaded where there is no nft, and that is no failure of the fault', async () => {
    vi.spyOn(node, 'exec').mockRejectedValue(failure(127, 'exec: "nft": executable file not found in $PATH'))
    await expect(loadTable(node, 'table')).rejects.toThrow(new MissingCapability('a has no nft to drop packets with'))
    vi.spyOn(node, 'exec').mockRejectedValue(failure(1, 'syntax error'))
    await expect(loadTable(node, 'table')).rejects.toThrow(CommandError)
  })

  it('counts what all of its rules have seen', async () => {
    node.answers.set('nft list table inet clusterproof-drill-1', {
      stdout: 'counter packets 3 bytes 180 drop\n tcp dport 6443 counter packets 4 bytes 240 drop',
    })
    expect(await countedPackets(node, table)).toBe(7)
  })

  it('is gone where it was removed, where the machine booted, and where the machine is off or gone', async () => {
    await removeTable(node, table)
    expect(node.done).toEqual(['nft delete table inet clusterproof-drill-1'])
    node.answers.set('nft delete', { exitCode: 1, stderr: 'Error: No such file or directory; did you mean …' })
    await removeTable(node, table)
    node.answers.set('nft delete', { exitCode: 1, stderr: 'Error response from daemon: container is not running' })
    node.on = false
    await removeTable(node, table)
    vi.spyOn(node, 'running').mockRejectedValue(new Error('No such object: a'))
    await removeTable(node, table)
  })

  it('is not gone where a machine that runs keeps it', async () => {
    node.answers.set('nft delete', { exitCode: 1, stderr: 'Error: Device or resource busy' })
    await expect(removeTable(node, table)).rejects.toThrow(`a still has the rules of table ${table}: Error: Device`)
  })
})

describe('dropping on several machines', () => {
  it('is undone on all of them', async () => {
    const heal = await dropping(table, [
      [node, 'x'],
      [other, 'y'],
    ])
    await heal()
    expect([node.done, other.done]).toEqual([
      ['nft -f -', `nft delete table ${table}`],
      ['nft -f -', `nft delete table ${table}`],
    ])
  })

  it('is done on none where one does not take it', async () => {
    const { exec } = other
    vi.spyOn(other, 'exec').mockImplementation((command) =>
      command.includes('-f') ? Promise.reject(failure(1, 'syntax error')) : exec.call(other, command),
    )
    await expect(
      dropping(table, [
        [node, 'x'],
        [other, 'y'],
      ]),
    ).rejects.toThrow(CommandError)
    expect(node.done.at(-1)).toBe(`nft delete table ${table}`)
  })

  it('shows by any of the counters, whoever does not answer', async () => {
    node.answers.set('nft list', { stdout: 'counter packets 0 bytes 0 drop' })
    other.says = new Error('no such container')
    expect(await droppedOn(table, [node, other])).toBeNull()
    node.answers.set('nft list', { stdout: 'counter packets 2 bytes 120 drop' })
    expect(await droppedOn(table, [node, other])).toEqual({ dropped: { a: 2, b: null } })
  })
})
