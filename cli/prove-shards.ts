import { mkdirSync } from 'node:fs'
import path from 'node:path'

import type { StartedCluster } from '../harness/cluster.ts'
import { parseDuration } from '../harness/duration.ts'
import { HostMonitor } from '../harness/host-monitor.ts'
import { imageNamed } from '../harness/images/request.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { Journal } from '../harness/journal.ts'
import { applyObjects } from '../harness/kube/apply-manifest.ts'
import { run as runProcess, stream } from '../harness/process.ts'
import { startCluster } from '../harness/providers/start.ts'
import { newRun, type Run } from '../harness/run.ts'
import { defineCluster } from '../harness/topology.ts'
import { command, parse, userPath, wholeNumber } from './command.ts'
import { indexedJob } from './indexed-job.ts'
import { main } from './main.ts'
import { checkWritable } from './output-directory.ts'
import { requireOwnEngine } from './own-engine.ts'
import { session } from './session.ts'
import { commonOptions, withCommonFlags } from './start-options.ts'
import { indented, ownCommand, step } from './steps.ts'

interface Flags {
  readonly count: number
  readonly atOnce: number
  readonly project: string[]
  readonly image: string
  readonly against?: string
  readonly limit: string
  readonly offline?: boolean
  readonly keep?: boolean
  readonly out?: string
  readonly debug?: boolean
}

/** The cluster that the Job runs on. Its one machine takes pods. */
const host = defineCluster({ name: 'shards', provider: 'kubeadm', nodes: [{ name: 'cp', roles: ['control-plane'] }] })

/**
 * `npm run prove:shards`: makes a cluster, gives it the runner's image, runs the shards on it as an Indexed Job, merges
 * what they leave, and holds it against a run of the same scenarios that was not divided. Returns the exit code.
 */
async function prove(args: readonly string[]): Promise<number> {
  const flags = parse<Flags>(
    withCommonFlags(
      command(
        'npm run prove:shards',
        'Runs shards as an Indexed Job on a cluster of its own, and compares the verdicts.',
      )
        .option('--count <N>', 'how many shards there are', wholeNumber(1, 20), 2)
        .option('--at-once <N>', 'pods that run at a time: each needs a machine of its own size', wholeNumber(1, 20), 1)
        .option('--project <NAME...>', 'what is divided', ['scenarios:standby', 'counter:standby'])
        .option('--image <IMAGE>', 'made by deploy/runner-image/build', 'clusterproof/runner:v1')
        .option('--against <DIR>', 'output of the undivided run (default: it is run here first)')
        .option('--limit <DURATION>', 'when the Job is ended', '1h'),
    ),
    args,
  )
  if (flags === null) return 0
  const options = commonOptions(flags, process.env)
  const limitMs = parseDuration(flags.limit)
  const out = flags.out === undefined ? path.join(projectFolder, 'reports/out/shards') : options.out
  checkWritable(out)
  await requireOwnEngine()

  const whole = flags.against === undefined ? path.join(out, 'whole') : userPath(flags.against)
  if (flags.against === undefined) {
    await step('the undivided run', () =>
      ownCommand(['cli/test.ts', '--project', ...flags.project, '--no-tty', '--out', whole], limitMs),
    )
  }
  const shards = path.join(out, 'shards')
  mkdirSync(shards, { recursive: true })
  const run = newRun({ ...options, out })
  const { interruption } = await session(run, { writesVerdicts: false }, (interrupted) =>
    Promise.race([
      onCluster(run, (cluster) => runJob(cluster, flags, shards, limitMs, interrupted)),
      ended(interrupted),
    ]),
  )
  if (interruption !== null) return interruption.exitCode

  const directories = Array.from({ length: flags.count }, (_, index) => path.join(shards, `shard-${index + 1}`))
  const merged = path.join(out, 'merged')
  const report = ['cli/report.ts', ...directories, '--out', merged, '--no-history']
  const reported = await step('one report of all shards', () => ownCommand(report, limitMs))
  const same = await ownCommand(['cli/shards.ts', '--compare', whole, merged], limitMs)
  return reported === 0 ? same : reported
}

async function onCluster(run: Run, use: (cluster: StartedCluster) => Promise<void>): Promise<void> {
  using journal = new Journal(path.join(run.out, 'journal', `shards-${run.id}.jsonl`), run.clock)
  using monitor = new HostMonitor(run.clock)
  await using cluster = await step('a cluster', () => startCluster(host, { run, journal, host: monitor }))
  await use(cluster)
}

async function runJob(
  cluster: StartedCluster,
  flags: Flags,
  directory: string,
  limitMs: number,
  interrupted: AbortSignal,
): Promise<void> {
  const { count, atOnce, project } = flags
  const image = await step('the image, into the cluster', () => cluster.loadImage(imageNamed(flags.image)))
  const [namespace, name] = ['clusterproof', 'suite']
  const job = indexedJob({
    shards: count,
    image,
    name,
    namespace,
    atOnce,
    // The machine of this cluster has no more than this one, whose load is judged by the verdicts themselves.
    cpu: '100m',
    memory: '6Gi',
    disk: '20Gi',
    deadlineSeconds: Math.round(limitMs / 1_000),
    claim: null,
    args: ['--project', ...project],
  })
  await applyObjects(cluster.api, job)
  const [machine] = cluster.nodes
  if (machine === undefined) throw new RangeError(`${cluster.name} has no machine`)
  const kubectl = `docker exec --interactive ${machine.name} kubectl --kubeconfig /etc/kubernetes/admin.conf`
  const seconds = String(Math.round(limitMs / 1_000))
  try {
    await step(
      'the shards',
      () =>
        stream(path.join(projectFolder, 'deploy/collect'), [namespace, name, directory, seconds], {
          env: { KUBECTL: kubectl },
          // It would ask a cluster that is gone until its own limit.
          signal: interrupted,
          onLine: indented,
        }).done,
    )
  } catch (error) {
    await tellPods(cluster, namespace)
    throw error
  }
}

/** What the pods say of themselves: their cluster is gone in a moment. */
async function tellPods(cluster: StartedCluster, namespace: string): Promise<void> {
  const kubectl = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', '--namespace', namespace]
  const [machine] = cluster.nodes
  const asked = [
    ['describe', 'pods'],
    ['logs', '--selector', 'app.kubernetes.io/name=clusterproof', '--prefix', '--tail', '40'],
  ]
  for (const words of asked) {
    const said = await runProcess('docker', ['exec', machine?.name ?? '', ...kubectl, ...words], { reject: false })
    console.error(said.stdout)
  }
}

/** Rejects when the signal aborts: what waits is left behind, and the session removes its clusters. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

await main(prove)
