import type { HostMonitor } from '../host-monitor.ts'
import type { Journal } from '../journal.ts'
import { stream } from '../process.ts'
import { type Run, runLabel } from '../run.ts'

interface EngineEvent {
  readonly Action?: string
  readonly timeNano?: number
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Record<string, string> }
}

/**
 * When each machine was last started, in milliseconds since the epoch by the engine's clock, which the nodes share;
 * a machine that is off is not in it.
 */
export type BootTimes = ReadonlyMap<string, number>

interface Told {
  readonly run: Pick<Run, 'id'>
  readonly journal: Journal
  readonly host?: Pick<HostMonitor, 'own'>
  /** Each machine, whenever it starts. */
  readonly onMachineStart?: ((machine: string) => void) | undefined
}

/**
 * Writes what the engine reports of a cluster's containers into the journal until the signal aborts, and keeps their
 * boot times.
 */
export function observeEngine(
  cluster: string,
  { run: { id }, journal, host, onMachineStart }: Told,
  signal: AbortSignal,
): BootTimes {
  const boots = new Map<string, number>()
  // From before this call: what happens until the engine has connected is sent as well.
  const since = String(Math.floor(Date.now() / 1_000) - 1)
  const args = [
    'events',
    '--filter',
    'type=container',
    '--filter',
    `label=${runLabel}=${id}`,
    '--format',
    '{{json .}}',
    '--since',
    since,
  ]
  const events = stream('docker', args, {
    signal,
    onLine: (line) => {
      const event = JSON.parse(line) as EngineEvent
      const attributes = event.Actor?.Attributes ?? {}
      const name = attributes['name'] ?? ''
      // Every probe on a node is an exec; they would drown the rest.
      if (!name.startsWith(`${cluster}-`) || event.Action === undefined || event.Action.startsWith('exec_')) return
      if (event.Action === 'start') {
        boots.set(name, (event.timeNano ?? 0) / 1e6)
        host?.own(event.Actor?.ID ?? '')
        onMachineStart?.(name)
      }
      if (event.Action === 'die') boots.delete(name)
      const exitCode = attributes['exitCode']
      journal.append('engine', event.Action, `node/${name}`, exitCode === undefined ? undefined : { exitCode })
    },
  })
  events.done.catch((error: unknown) => {
    if (!signal.aborted) journal.append('engine', 'interrupted', cluster, String(error))
  })
  return boots
}
