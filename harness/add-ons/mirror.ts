import type { Term } from '../budgets/budget.ts'
import type { ClusterNode } from '../nodes/node.ts'
import type { Electorate } from './electorate.ts'

/** What keeps images inside the cluster: each node's container runtime asks it before the upstream. */
export interface Mirror {
  /** What verdicts call it: `spegel v0.7.4`. */
  readonly name: string
  /** Its instances, one a node, which elect one of themselves or nobody; null: it is one server beside the nodes. */
  readonly electorate: Electorate | null
  /** The port on which its instances speak to each other; null: they have no peers. */
  readonly peerPort: number | null
  /** Whether an instance that is the only one gets Ready. */
  readonly servesAlone: boolean
  /** How long it looks for somebody who has an image before it says that nobody has. */
  readonly resolve: Term
  /** Base URL at which a node's container runtime asks it, for a look at it from there; null: nobody else may ask it. */
  readonly endpoint: ((node: ClusterNode) => Promise<string>) | null
  /**
   * Lets the others know what a machine's container runtime has got since its instance began, where that is not told to
   * the instance by itself.
   * @returns whether it had to be done
   */
  announce(node: ClusterNode): Promise<boolean>
  /** Tells the container runtime of a machine that has joined to ask it; what does that by itself does nothing here. */
  prepare(node: ClusterNode): Promise<void>
}
