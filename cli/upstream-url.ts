import { upstreamLink } from '../reports/allure/upstream-links.ts'

/** Source files and packages, by how references name them. */
const sources: readonly (readonly [RegExp, (...found: readonly string[]) => string])[] = [
  [/^kubernetes\/(pkg\/\S+\.go)/, (file) => `https://github.com/kubernetes/kubernetes/blob/master/${file}`],
  // Modules that Kubernetes publishes in repositories of their own.
  [/^k8s\.io\/([\w-]+)\/(\S+\.go)/, (module, file) => `https://github.com/kubernetes/${module}/blob/master/${file}`],
  [/^(k8s\.io\/[^\s:]+)/, (module) => `https://pkg.go.dev/${module}`],
  [/^etcd (server\/\S+\.go)/, (file) => `https://github.com/etcd-io/etcd/blob/main/${file}`],
  [/^spegel (pkg\/\S+\.go)/, (file) => `https://github.com/spegel-org/spegel/blob/main/${file}`],
  // The documents were moved after that release.
  [/^kubespray (docs\/\S+\.md)/, (file) => `https://github.com/kubernetes-sigs/kubespray/blob/release-2.23/${file}`],
  // Where it was before it moved, as of the version that is tested.
  [/^xenitab\/spegel (internal\/\S+\.go)/, (file) => `https://github.com/spegel-org/spegel/blob/v0.0.14/${file}`],
]

/** The address of an upstream reference (an issue, a page, a source file), with or without a remark behind it; null: none. */
export function upstreamUrl(reference: string): string | null {
  const link = upstreamLink(reference)
  if (link !== null) return link.url
  for (const [pattern, address] of sources) {
    const [whole, ...found] = pattern.exec(reference) ?? []
    if (whole !== undefined) return address(...found)
  }
  return null
}
