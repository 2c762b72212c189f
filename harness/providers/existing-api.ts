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
 * Asks the API for its version and its Nodes, once it answers.
 * @throws {UserError} where it does not, or not to this kubeconfig's user
 */
export async function askApi(access: ApiAccess): Promise<ApiFacts> {
  await answering(access)
  try {
    const { gitVersion } = await access.api.get<{ gitVersion: string }>('/version')
    const { items } = await access.api.get<KubeList<Node>>('/api/v1/nodes')
    return { gitVersion, nodes: items }
  } catch (cause) {
    if (!isRefusal(cause)) throw cause
    const who = `the user of the kubeconfig ${access.kubeconfig}`
    throw new UserError(`${access.name}: ${access.api.server.host} refuses ${who}: ${cause.message}`, {
      hint: 'Name a kubeconfig of an administrator: scenarios read every namespace, and make one of their own.',
      cause,
    })
  }
}

async function answering({ name, api, kubeconfig, journal }: ApiAccess): Promise<void> {
  let last: unknown
  try {
    await eventually(waitContext({ journal }), `${name}: the API answers`, {
      probe: async (signal) => {
        try {
          return await api.text('/readyz', { signal })
        } catch (error) {
          // Who says no is there.
          if (isRefusal(error)) return error.message
          last = error
          throw error
        }
      },
      until: () => true,
      within: answers,
    })
  } catch (error) {
    if (!(error instanceof ExpectationFailed)) throw error
    const why = last instanceof Error ? last.message : 'no answer'
    throw new UserError(`${name}: the API server ${api.server.href} does not answer: ${why}`, {
      hint:
        `Start the cluster, or correct the server in the kubeconfig: kubectl --kubeconfig ${kubeconfig} get --raw ` +
        '/readyz must say ok on this machine.',
      cause: last,
    })
  }
}

function isRefusal(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && (error.status === 401 || error.status === 403)
}
