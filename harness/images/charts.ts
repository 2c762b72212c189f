/** A Helm chart that is wanted, and every way in which it may be had. */
export interface ChartRequest {
  /** What messages call it. */
  readonly name: string
  readonly version: string
  /** The file of it in the folder of chart archives. */
  readonly archive: string
  /** `oci://…`, where its publisher has it under `version`. */
  readonly repository: string
}
