import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { cacheFolder, projectFolder } from '../../harness/images/settings.ts'
import { run } from '../../harness/process.ts'
import { type HostProcess, hostProcesses } from '../host-processes.ts'
import type { Inventory } from './differences.ts'
import { firewallRules } from './firewall.ts'
import { listeningPorts } from './listening.ts'

/** The variable that every process of an audited run has in its environment, by this audit's doing and not the run's. */
export const auditVariable = 'CLUSTERPROOF_AUDIT'

/** npm's own, since version 11: wherever any command of npm runs, and once for all that come after it. */
const npmsCache = 'node-compile-cache'

export interface Audited {
  /** What the variable holds. */
  readonly token: string
}

/** Everything on this host that a run could leave. Nothing is changed, and what cannot be read is not there. */
export async function inventory({ token }: Audited): Promise<Inventory> {
  const [container, network, volume, image, rules] = await Promise.all([
    lines(['ps', '--all', '--no-trunc', '--format', '{{.ID}} {{.Names}}']),
    lines(['network', 'ls', '--no-trunc', '--format', '{{.ID}} {{.Name}}']),
    lines(['volume', 'ls', '--format', '{{.Name}}']),
    lines(['image', 'ls', '--all', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}']),
    firewallRules(),
  ])
  return {
    container,
    network,
    volume,
    image,
    process: hostProcesses()
      .filter((each) => each.environment[auditVariable] === token || isEngineHelper(each))
      .map(({ command }) => command),
    mount: mounts(),
    'network interface': namesIn('/sys/class/net'),
    'firewall rule': rules,
    'listening port': listeningPorts(),
    'control group': controlGroups(),
    'temporary file': namesIn(tmpdir()).filter((name) => name !== npmsCache),
    'cache file': filesBelow(cacheFolder(), passedOver),
    'file of the project': ['node_modules/.vite-temp', 'reports/out'].flatMap((folder) =>
      namesIn(path.join(projectFolder, folder)).map((name) => `${folder}/${name}`),
    ),
    'working file': filesBelow(path.join(cacheFolder(), 'work')),
  }
}

/** What the engine starts for a container, which outlives it where something went wrong. */
function isEngineHelper({ command }: HostProcess): boolean {
  return /(?:^|\/)(?:containerd-shim[\w-]*|docker-proxy|runc)(?: |$)/.test(command)
}

async function lines(args: readonly string[]): Promise<string[]> {
  const { stdout } = await run('docker', args, { timeoutMs: 60_000 })
  return stdout.split('\n').filter((line) => line !== '')
}

/** What is mounted, where, and as which type: options, such as a file system's free room, change by themselves. */
function mounts(): string[] {
  try {
    const text = readFileSync('/proc/self/mounts', 'utf8')
    return text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ').slice(0, 3).join(' ')]))
  } catch {
    return []
  }
}

/** Those of the engine's containers, of control groups v1 and v2, with either of its drivers. */
function controlGroups(root = '/sys/fs/cgroup'): string[] {
  const roots = [root, ...namesIn(root).map((name) => path.join(root, name))]
  const byName = roots.flatMap((folder) => foldersIn(path.join(folder, 'docker')))
  const bySystemd = roots.flatMap((folder) => foldersIn(path.join(folder, 'system.slice')))
  return byName.concat(bySystemd.filter((name) => /\/docker-[0-9a-f]{64}\.scope$/.test(name)))
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(folder, entry.name))
  } catch {
    return []
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

/** What is meant to grow there, compiled modules and logs of ./setup, and the working files, which are a kind of their own. */
const passedOver = ['node-compile', 'logs', 'work']

/** Names below the folder, with sizes: a file that was cut off has another. */
function filesBelow(folder: string, without: readonly string[] = []): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !without.some((each) => name === each || name.startsWith(each + path.sep)))
    .flatMap((name) => {
      try {
        const found = statSync(path.join(folder, name))
        return [found.isDirectory() ? name : `${name} (${found.size} bytes)`]
      } catch {
        // It is gone again.
        return []
      }
    })
}
