import { nodeReadyAfterStart } from './boot.ts'
import { type Budget, budget, extend } from './budget.ts'
import { apiServerBack } from './control-plane.ts'

/**
 * A machine that was switched on knows its final name: its boot, and as long as the metadata service keeps it waiting.
 * One that asked just before the answer came asks again after a pause.
 */
export function finalName(nodeBootMs: number, metadataAfterMs: number): Budget {
  return budget(
    { name: 'objectives.nodeBoot', ms: nodeBootMs, source: 'cluster definition' },
    { name: 'identity.metadataAfter', ms: metadataAfterMs, source: 'cluster definition' },
    { name: 'one more question', ms: 3_000, source: 'the emulated machine: 2 s for an answer, 0.5 s between two' },
  )
}

/** A new cluster is well: its machines know their names, etcd and the API run, every node is Ready. */
export function firstBoot(nodeBootMs: number, metadataAfterMs: number): Budget {
  return extend(finalName(nodeBootMs, metadataAfterMs), ...apiServerBack(0, 0).terms, ...nodeReadyAfterStart(0).terms)
}
