import { cutMiddle } from './text-width.ts'

/** The machine's name without its cluster's, which every machine's begins with: `etcd-1`. */
export function machineName(name: string, cluster: string | null): string {
  return cluster !== null && cluster !== '' && name.startsWith(`${cluster}-`) ? name.slice(cluster.length + 1) : name
}

/**
 * Labels for the rows of a picture, cut to `width` pixels and each of them once: rows of the same name would be one row.
 */
export function rowLabels(texts: readonly string[], width: number, fontSize = 11): string[] {
  const used = new Set<string>()
  return texts.map((text) => {
    const cut = cutMiddle(text, width, fontSize)
    let label = cut
    for (let count = 2; used.has(label); count += 1) label = `${cut} (${count})`
    used.add(label)
    return label
  })
}
