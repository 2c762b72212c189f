import { thawContainers } from './frozen-containers.ts'
import { run } from './process.ts'
import { runLabel } from './run.ts'

/** What a run made in the engine. */
export interface EngineObjects {
  readonly containers: readonly string[]
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
}

/** Everything that carries the label of a run; of all runs where `runId` is null. Names, sorted. */
export async function labelledObjects(runId: string | null): Promise<EngineObjects> {
  const filter = ['--filter', `label=${runId === null ? runLabel : `${runLabel}=${runId}`}`]
  const list = async (args: string[]) => {
    const { stdout } = await run('docker', [...args, ...filter], { timeoutMs: 30_000 })
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .toSorted()
  }
  const [containers, networks, volumes] = await Promise.all([
    list(['ps', '--all', '--format', '{{.Names}}']),
    list(['network', 'ls', '--format', '{{.Name}}']),
    list(['volume', 'ls', '--format', '{{.Name}}']),
  ])
  return { containers, networks, volumes }
}

/** Removes what stands there, containers first; what is gone already is no error. */
export async function removeObjects({ containers, networks, volumes }: EngineObjects): Promise<void> {
  if (containers.length > 0) {
    const remove = () =>
      run('docker', ['rm', '--force', '--volumes', ...containers], { timeoutMs: 120_000, reject: false })
    const { exitCode } = await remove()
    if (exitCode !== 0 && thawContainers(await idsOf(containers)) > 0) await remove()
  }
  for (const network of networks) await run('docker', ['network', 'rm', network], { reject: false })
  for (const volume of volumes) await run('docker', ['volume', 'rm', '--force', volume], { reject: false })
}

/** Of those that are still there. */
async function idsOf(containers: readonly string[]): Promise<string[]> {
  const words = ['inspect', '--type', 'container', '--format', '{{.Id}}', ...containers]
  const { stdout } = await run('docker', words, { timeoutMs: 30_000, reject: false })
  return stdout.split('\n')
}

/** Ids of the runs that have left something. */
export async function labelledRuns(): Promise<string[]> {
  const format = `{{.Label "${runLabel}"}}`
  const outputs = await Promise.all(
    [
      ['ps', '--all'],
      ['network', 'ls'],
      ['volume', 'ls'],
    ].map((args) =>
      run('docker', [...args, '--filter', `label=${runLabel}`, '--format', format], { timeoutMs: 30_000 }),
    ),
  )
  return [...new Set(outputs.flatMap(({ stdout }) => stdout.split('\n')).filter((id) => id !== ''))].toSorted()
}
