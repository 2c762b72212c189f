import { spegelElection } from '../budgets/election.ts'
import type { StartedCluster } from '../cluster.ts'
import { subjects } from '../images/subjects.ts'
import type { KubeObject } from '../kube/api.ts'
import type { Electorate } from './electorate.ts'
import { removeElectorate } from './electorate-removal.ts'

export interface ElectorOptions {
  /** `dns`: it asks for the API server by name, as programs do that are given a URL; default: by the address in its environment. */
  readonly reaches?: 'address' | 'dns'
}

/** This project's own program on client-go's leader election, on every node. */
export interface Elector extends Electorate, AsyncDisposable {}

const name = 'elector'
const namespace = 'elector'
const labels = { app: name }

/** Its startup probe is Spegel's with a shorter patience. */
const startupSeconds = 30

/**
 * Deploys it with the rights that its election needs. Returns once the API has its objects; disposing of it removes
 * all of it but its namespace, and so does a deployment that fails.
 * @throws {MissingCapability} where its image can neither be pulled nor built
 */
export async function installElector(
  cluster: StartedCluster,
  { reaches = 'address' }: ElectorOptions = {},
): Promise<Elector> {
  const image = await cluster.loadImage(subjects.elector.image)
  const electorate: Electorate = {
    name: `elector ${subjects.elector.version}`,
    namespace,
    daemonSet: name,
    labels,
    container: name,
    program: name,
    serviceAccount: name,
    role: name,
    lock: { name, kinds: ['Lease'] },
    timing: spegelElection,
    startup: {
      name: `startupProbe ${startupSeconds} × 1 s`,
      ms: startupSeconds * 1_000,
      source: 'harness/add-ons/elector.ts',
    },
    podOf: (holder, pods) => pods.find(({ metadata }) => metadata.name === holder),
  }
  // What is first here goes last; all of it goes, whatever of it does not.
  await using undo = new AsyncDisposableStack()
  const [namespaceObject, ...own] = objects(image, reaches)
  if (namespaceObject !== undefined) await cluster.api.apply(...namespaceObject)
  for (const [path, object] of own) {
    if (object.kind === 'DaemonSet') undo.defer(() => removeElectorate(cluster, electorate))
    undo.defer(() => cluster.api.delete(path))
    await cluster.api.apply(path, object)
  }
  const installed = undo.move()
  return { ...electorate, [Symbol.asyncDispose]: () => installed.disposeAsync() }
}

function objects(image: string, reaches: 'address' | 'dns'): [string, KubeObject][] {
  const metadata = { name, namespace }
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  const apiGroup = 'rbac.authorization.k8s.io'
  const probe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 }
  const args = [
    `--lock-namespace=${namespace}`,
    `--lock-name=${name}`,
    ...(reaches === 'dns' ? ['--api-server=https://kubernetes.default.svc'] : []),
  ]
  return [
    [`/api/v1/namespaces/${namespace}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }],
    [`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata }],
    [
      `${rbac}/roles/${name}`,
      {
        apiVersion: `${apiGroup}/v1`,
        kind: 'Role',
        metadata,
        rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] }],
      },
    ],
    [
      `${rbac}/rolebindings/${name}`,
      {
        apiVersion: `${apiGroup}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    ],
    [
      `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`,
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata,
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              serviceAccountName: name,
              tolerations: [{ operator: 'Exists' }],
              terminationGracePeriodSeconds: 5,
              containers: [
                {
                  name,
                  image,
                  imagePullPolicy: 'IfNotPresent',
                  args,
                  env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
                  startupProbe: { ...probe, failureThreshold: startupSeconds },
                  readinessProbe: probe,
                },
              ],
            },
          },
        },
      },
    ],
  ]
}
