import { budget } from '../budgets/budget.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import { waitContext } from '../faults/wait-context.ts'
import type { Journal } from '../journal.ts'
import { type KubeApi, KubeApiError, type KubeList } from '../kube/api.ts'
import type { Node } from '../kube/types.ts'
import { UserError } from '../user-error.ts'

/** What the API says of a cluster that runs already. */
export interface ApiFacts {
  /** `v1.34.4` */
  readonly gitVersion: string
  readonly nodes: readonly Node[]
}

export interface ApiAccess {
  /** Name of the definition. */
  readonly name: string
  readonly api: KubeApi
  readonly kubeconfig: string
  readonly journal: Journal
}

const answers = budget({ name: 'an API server that runs', ms: 15_000, source: 'harness: three requests of 5 s' })

/**
 * Asks the API for its version and its Nodes, until it answers: one that has just been started is not ready, and says
 * for a moment that nobody may do anything.
 * @throws {UserError} where it does not answer, or not to this kubeconfig's user
 */
export async function askApi({ name, api, kubeconfig, journal }: ApiAccess): Promise<ApiFacts> {
  let last: unknown
  try {
    return await eventually(waitContext({ journal }), `${name}: the API answers`, {
      probe: async (signal) => {
        try {
          return await ask(api, signal)
        } catch (error) {
          last = error
          throw error
        }
      },
      until: () => true,
      within: answers,
      describe: ({ gitVersion, nodes }) => `${gitVersion}, ${nodes.length} Nodes`,
    })
  } catch (error) {
    if (!(error instanceof ExpectationFailed)) throw error
    const why = last instanceof Error ? last.message : 'no answer'
    if (last instanceof KubeApiError && (last.status === 401 || last.status === 403)) {
      throw new UserError(`${name}: ${api.server.host} refuses the user of the kubeconfig ${kubeconfig}: ${why}`, {
        hint: 'Name a kubeconfig of an administrator: scenarios read every namespace, and make one of their own.',
        cause: last,
      })
    }
    throw new UserError(`${name}: the API server ${api.server.href} does not answer: ${why}`, {
      hint:
        `Start the cluster, or correct the server in the kubeconfig: kubectl --kubeconfig ${kubeconfig} get --raw ` +
        '/readyz must say ok on this machine.',
      cause: last,
    })
  }
}

async function ask(api: KubeApi, signal: AbortSignal): Promise<ApiFacts> {
  await api.text('/readyz', { signal })
  const { gitVersion } = await api.get<{ gitVersion: string }>('/version', { signal })
  const { items } = await api.get<KubeList<Node>>('/api/v1/nodes', { signal })
  return { gitVersion, nodes: items }
}
