import { run, type RunResult, stream, type StreamHandle } from '../process.ts'
import type { Role } from '../topology.ts'
import type { BootEvidence, ClusterNode, ExecOptions } from './node.ts'

const execTimeoutMs = 20_000

/** Stopping in order may take systemd's own limit, 90 s, and no longer. */
const stopSeconds = 95

/** A node that is a container of the local engine. */
export class ContainerNode implements ClusterNode {
  readonly name: string
  readonly roles: readonly Role[]

  constructor(name: string, roles: readonly Role[]) {
    this.name = name
    this.roles = roles
  }

  exec(command: readonly [string, ...string[]], options: ExecOptions = {}): Promise<RunResult> {
    const { timeoutMs = execTimeoutMs, input, inputFile, reject = true } = options
    const reads = input !== undefined || inputFile !== undefined
    return run('docker', ['exec', ...(reads ? ['--interactive'] : []), this.name, ...command], {
      timeoutMs,
      reject,
      input,
      inputFile,
    })
  }

  stream(command: readonly [string, ...string[]], onLine: (line: string) => void): StreamHandle {
    return stream('docker', ['exec', this.name, ...command], { onLine })
  }

  async start(): Promise<void> {
    await run('docker', ['start', this.name], { timeoutMs: 60_000 })
  }

  async kill(): Promise<void> {
    await run('docker', ['kill', '--signal', 'KILL', this.name])
  }

  async stop(): Promise<void> {
    await run('docker', ['stop', '--time', String(stopSeconds), this.name], { timeoutMs: (stopSeconds + 30) * 1_000 })
  }

  async running(): Promise<boolean> {
    return (await this.bootEvidence()).pid !== 0
  }

  async bootEvidence(): Promise<BootEvidence> {
    const format = '{{.State.StartedAt}} {{.RestartCount}} {{.State.Pid}}'
    const { stdout } = await run('docker', ['inspect', '--type', 'container', '--format', format, this.name])
    const [startedAt = '', restarts = '', pid = ''] = stdout.trim().split(' ')
    return { startedAt, restarts: Number(restarts), pid: Number(pid) }
  }
}
