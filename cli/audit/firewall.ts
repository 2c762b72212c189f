import { CommandError, type Run, run as runProcess } from '../../harness/process.ts'

/** Where the kernel keeps rules, each read by a program of its own. Several show the same rules: that does no harm. */
const readers = [
  { program: 'nft', args: ['list', 'ruleset'] },
  { program: 'iptables-save', args: [] },
  { program: 'ip6tables-save', args: [] },
  { program: 'iptables-legacy-save', args: [] },
]

/** The rules of this host's firewall, as far as this user may read them and there are programs that show them. */
export async function firewallRules(run: Run = runProcess): Promise<string[]> {
  const read = readers.map(async ({ program, args }) => {
    try {
      const { stdout } = await run(program, args, { timeoutMs: 20_000 })
      return ruleLines(stdout).map((line) => `${program}: ${line}`)
    } catch (error) {
      if (error instanceof CommandError) return []
      throw error
    }
  })
  return (await Promise.all(read)).flat()
}

/** The lines of what such a program shows, each with its table, without counters and remarks, which change by themselves. */
export function ruleLines(text: string): string[] {
  let table = ''
  return text.split('\n').flatMap((raw) => {
    const line = raw
      .replace(/\[\d+:\d+\]/g, '')
      .replace(/\bcounter packets \d+ bytes \d+/g, 'counter')
      .trim()
    if (line.startsWith('*') || line.startsWith('table ')) table = line
    return line === '' || line.startsWith('#') || line === 'COMMIT' || line === '}' || line === table
      ? []
      : [`${table} ${line}`.trim()]
  })
}
