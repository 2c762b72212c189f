import { run as runProcess, type Run as RunProcess } from '../process.ts'
import { type Run, runLabel } from '../run.ts'
import { UserError } from '../user-error.ts'

/**
 * Looks at what the engine has published of the run's containers.
 * @throws {UserError} where others than this machine can reach one of their ports
 */
export async function requireLoopback({ id }: Pick<Run, 'id'>, run: RunProcess = runProcess): Promise<void> {
  const filter = ['--filter', `label=${runLabel}=${id}`]
  const { stdout } = await run('docker', ['ps', ...filter, '--format', '{{.Names}} {{.Ports}}'], { timeoutMs: 30_000 })
  const open = stdout.split('\n').flatMap(openPorts)
  if (open.length === 0) return
  throw new UserError(`other machines can reach ports of this run's containers: ${open.join(', ')}`, {
    hint: 'They are published on 127.0.0.1 alone: see what the engine, or what stands before it, makes of that.',
  })
}

/** Of a line such as `c1-cp 127.0.0.1:40123->6443/tcp, 10250/tcp` those that are published elsewhere: `c1-cp 0.0.0.0:…`. */
function openPorts(line: string): string[] {
  const [name = '', ...ports] = line.split(/,? /)
  return ports
    .filter((port) => port.includes('->') && !/^(?:127\.0\.0\.1|\[::1\]):/.test(port))
    .map((port) => `${name} ${port}`)
}
