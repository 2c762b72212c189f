import type { KubeObject } from '../harness/kube/api.ts'

/** What an Indexed Job that runs the suite is made from. */
export interface JobRequest {
  /** How many shards there are: one pod each. */
  readonly shards: number
  /** The image that deploy/runner-image/build makes. */
  readonly image: string
  readonly name: string
  readonly namespace: string
  /** How many pods run at a time. */
  readonly atOnce: number
  /** Of each pod, as Kubernetes writes quantities. */
  readonly cpu: string
  readonly memory: string
  readonly disk: string
  /** Seconds after which Kubernetes ends the Job. */
  readonly deadlineSeconds: number
  /** A PersistentVolumeClaim for what the shards leave; null: each pod keeps it until deploy/collect has taken it. */
  readonly claim: string | null
  /** Flags of `npm test`, such as `--project counter`. */
  readonly args: readonly string[]
}

/** How long a pod waits at its end for whoever takes what it left. */
const collectSeconds = 3_600

/** From the order to end to the last SIGKILL, in seconds: the suite says how far it came, and removes its clusters. */
const endingSeconds = 150

/**
 * A namespace that admits privileged pods, and a Job with a pod for each shard. The pod starts a Docker engine of its own:
 * the nodes that it makes are containers in the pod's own cgroup, bounded by the pod's limits, and gone with it.
 */
export function indexedJob(request: JobRequest): KubeObject[] {
  const { shards, name, namespace, atOnce, deadlineSeconds } = request
  const labels = { 'app.kubernetes.io/name': 'clusterproof' }
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace, labels },
      spec: {
        completionMode: 'Indexed',
        completions: shards,
        parallelism: atOnce,
        // Never a second try, and of each shard by itself: with `backoffLimit: 0` the first shard in which something
        // violates would end all others.
        backoffLimitPerIndex: 0,
        activeDeadlineSeconds: deadlineSeconds,
        template: { metadata: { labels }, spec: podSpec(request) },
      },
    },
  ]
}

function podSpec({ shards, image, cpu, memory, disk, claim, args }: JobRequest) {
  return {
    restartPolicy: 'Never',
    // It speaks to its own engine and to nobody else.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: endingSeconds,
    containers: [
      {
        name: 'shard',
        image,
        imagePullPolicy: 'IfNotPresent',
        args: [...args],
        env: [
          { name: 'SHARDS', value: String(shards) },
          { name: 'COLLECT_SECONDS', value: claim === null ? String(collectSeconds) : '0' },
        ],
        // An engine and its privileged containers within: the pod is as powerful as root on its node.
        securityContext: { privileged: true },
        // No limit on the processor: a host that is held back is a slow one, and its verdicts are inconclusive.
        resources: { requests: { cpu, memory, 'ephemeral-storage': disk }, limits: { memory } },
        volumeMounts: [
          { name: 'engine', mountPath: '/var/lib/docker' },
          { name: 'out', mountPath: '/out' },
        ],
      },
    ],
    volumes: [
      // overlay2 cannot lie on the pod's own overlay.
      { name: 'engine', emptyDir: { sizeLimit: disk } },
      claim === null ? { name: 'out', emptyDir: {} } : { name: 'out', persistentVolumeClaim: { claimName: claim } },
    ],
  }
}
