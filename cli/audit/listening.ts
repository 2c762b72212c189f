import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'

/** A TCP socket that waits for connections. */
interface Listener {
  /** `127.0.0.1:6443`, `[::]:22`. */
  readonly address: string
  readonly inode: string
}

/** The listening TCP ports of this machine, each with the program behind it where this user may know it. */
export function listeningPorts(proc = '/proc'): string[] {
  const listeners = ['tcp', 'tcp6'].flatMap((table) => {
    try {
      return listenersIn(readFileSync(path.join(proc, 'net', table), 'utf8'))
    } catch {
      // There is no IPv6, or no /proc.
      return []
    }
  })
  const owners = socketOwners(new Set(listeners.map(({ inode }) => inode)), proc)
  return listeners.map(({ address, inode }) => `${address} of ${owners.get(inode) ?? 'an unknown program'}`)
}

const listening = '0A'

/** What a table such as /proc/net/tcp says of sockets that listen; proc_net_tcp(5). */
export function listenersIn(table: string): Listener[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/)
      const [, local = '', , state] = fields
      const [host = '', port = ''] = local.split(':')
      return state === listening ? [{ address: `${hostOf(host)}:${parseInt(port, 16)}`, inode: fields[9] ?? '' }] : []
    })
}

/** The kernel writes each 32 bits in the machine's own order: on all that clusterproof runs on, the lowest byte first. */
function hostOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed())
  if (bytes.length === 4) return bytes.map((byte) => parseInt(byte, 16)).join('.')
  return bytes.every((byte) => byte === '00')
    ? '[::]'
    : `[${(bytes.join('').toLowerCase().match(/.{4}/g) ?? []).join(':')}]`
}

function socketOwners(inodes: ReadonlySet<string>, proc: string): Map<string, string> {
  const owners = new Map<string, string>()
  for (const pid of readdirSync(proc).filter((name) => /^\d+$/.test(name))) {
    try {
      for (const descriptor of readdirSync(path.join(proc, pid, 'fd'))) {
        const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(path.join(proc, pid, 'fd', descriptor))) ?? []
        if (inode !== undefined && inodes.has(inode)) owners.set(inode, programOf(path.join(proc, pid)))
      }
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
  return owners
}

function programOf(folder: string): string {
  return readFileSync(path.join(folder, 'comm'), 'utf8').trim()
}
