import { type Budget, budget } from './budget.ts'
import { endpointPropagation } from './constants.ts'

/** A Service's requests go to the nodes that are left once a node is NotReady: its pods leave the endpoints. */
export const requestsMoveOn = budget(
  endpointPropagation,
  { name: 'connections in flight', ms: 1_000, source: "the client's own limit for a request" },
  {
    name: 'node lifecycle queue',
    ms: 5_000,
    source: 'kube-controller-manager: pods are marked in the next node-monitor-period',
  },
)

/** What an operator needs, from the definition's objectives. */
export function serviceObjective(ms: number): Budget {
  return budget({ name: 'objectives.serviceGap', ms, source: 'cluster definition' })
}
