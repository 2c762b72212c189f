/** A reference of a diagnosis that a browser can open. */
export interface UpstreamLink {
  readonly name: string
  readonly url: string
  readonly type: 'issue' | 'link'
}

const issue = /^([\w.-]+\/[\w.-]+)#(\d+)\b/
const page = /^(?:https?:\/\/)?((?:[\w-]+\.)+(?:io|com|org|dev|net)\/[^\s:]*)/

/** Go import paths look like pages and are none. */
const goModules = ['k8s.io/']

/**
 * The link of an upstream reference: an issue as `owner/repository#1`, a page as `host/path`, each with a remark after it
 * or not. Null where it is neither, such as a file of a source tree.
 */
export function upstreamLink(reference: string): UpstreamLink | null {
  const [found, repository, number] = issue.exec(reference) ?? []
  if (found !== undefined) {
    return { name: reference, url: `https://github.com/${repository}/issues/${number}`, type: 'issue' }
  }
  const address = page.exec(reference)?.[1]
  if (address === undefined || goModules.some((prefix) => address.startsWith(prefix))) return null
  return { name: reference, url: `https://${address}`, type: 'link' }
}
