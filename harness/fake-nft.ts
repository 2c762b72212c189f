import { ScriptedNode } from './fake-etcd.ts'
import type { ExecOptions } from './nodes/node.ts'
import type { RunResult } from './process.ts'

/** A machine for unit tests that keeps the nftables rules it is given, and drops and counts each packet that is sent. */
export class FilteringNode extends ScriptedNode {
  rules: string | null = null
  packets = 0

  override async exec(command: readonly [string, ...string[]], { input }: ExecOptions = {}): Promise<RunResult> {
    const result = await super.exec(command)
    const text = command.join(' ')
    if (text === 'nft -f -') this.rules = input ?? ''
    if (text.startsWith('nft delete')) this.rules = null
    if (text.includes('sh 10.244.')) return { ...result, stdout: '/var/run/netns/cni-1\n' }
    if (text.includes('curl')) {
      this.packets += 1
      return { ...result, stdout: '0.000000 Connection timed out', exitCode: 28 }
    }
    if (text.startsWith('nft list')) return { ...result, stdout: `counter packets ${this.packets} bytes 60 drop` }
    return result
  }
}
