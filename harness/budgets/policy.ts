import { type Budget, budget } from './budget.ts'

/** An enforcer hears of a NetworkPolicy by its watch and writes its rules anew. */
export const policyInForce: Budget = budget({
  name: 'a policy is enforced',
  ms: 30_000,
  source: 'harness: a watch event, and as long again as kube-router takes to write all rules of a node',
})
