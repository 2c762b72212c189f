/** What a diagnosis code always means: its remedies and where upstream explains it. */
export interface CatalogEntry {
  readonly remedies: readonly string[]
  readonly upstream: readonly string[]
}
