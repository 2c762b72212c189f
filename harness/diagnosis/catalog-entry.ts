/** What a diagnosis code always means: its cause, how to see it, what helps, and where upstream explains it. */
export interface CatalogEntry {
  /** One line for a list. */
  readonly meaning: string
  /** The mechanism, in words for somebody who knows Kubernetes and not this failure. */
  readonly cause: string
  readonly evidence: readonly Evidence[]
  readonly remedies: readonly Remedy[]
  readonly upstream: readonly string[]
}

/** A command for the affected cluster, with its own names in angle brackets, and what it shows where this is the cause. */
export interface Evidence {
  readonly command: string
  readonly shows: string
}

export interface Remedy {
  /** As it stands in verdicts. */
  readonly text: string
  /** What it was seen to do; absent: that was not measured. */
  readonly measured?: Measurement
}

/** An effect that was measured. */
export interface Measurement {
  readonly effect: string
  /** What measured it: scenarios, or an experiment. */
  readonly by: string
}
