/** What an audit looks at on the host, and what differences are told by. */
export const kinds = [
  'container',
  'network',
  'volume',
  'image',
  'process',
  'mount',
  'network interface',
  'firewall rule',
  'listening port',
  'control group',
  'temporary file',
  'cache file',
  'file of the project',
  'working file',
] as const

export type Kind = (typeof kinds)[number]

/** The names of everything of each kind; a name that is there twice stands there twice. */
export type Inventory = Readonly<Record<Kind, readonly string[]>>

export interface Difference {
  readonly kind: Kind
  readonly name: string
  /** `left`: it is there now and was not before. `missing`: the other way round. */
  readonly change: 'left' | 'missing'
}

/** What differs between two looks at the same host, in the order of the kinds and then of the names. */
export function differences(before: Inventory, after: Inventory, of: readonly Kind[] = kinds): Difference[] {
  return kinds.flatMap((kind) => {
    if (!of.includes(kind)) return []
    const left = without(after[kind], before[kind]).map((name) => ({
      kind,
      name,
      change: 'left' as Difference['change'],
    }))
    return left.concat(without(before[kind], after[kind]).map((name) => ({ kind, name, change: 'missing' as const })))
  })
}

/** Without those whose name holds one of these texts: what others on this host make meanwhile. */
export function ignoring(texts: readonly string[], found: readonly Difference[]): Difference[] {
  return found.filter(({ name }) => !texts.some((text) => name.includes(text)))
}

/** `3 containers, 1 network`; empty where there is nothing. */
export function countsText(found: readonly Pick<Difference, 'kind'>[]): string {
  return kinds
    .map((kind) => ({ kind, count: found.filter((each) => each.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${count === 1 ? kind : plurals[kind]}`)
    .join(', ')
}

const plurals: Record<Kind, string> = {
  container: 'containers',
  network: 'networks',
  volume: 'volumes',
  image: 'images',
  process: 'processes',
  mount: 'mounts',
  'network interface': 'network interfaces',
  'firewall rule': 'firewall rules',
  'listening port': 'listening ports',
  'control group': 'control groups',
  'temporary file': 'temporary files',
  'cache file': 'cache files',
  'file of the project': 'files of the project',
  'working file': 'working files',
}

/** The names of the first that the second has not, each as often as it is there more often. */
function without(names: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of others) counts.set(name, (counts.get(name) ?? 0) + 1)
  return names
    .filter((name) => {
      const count = counts.get(name) ?? 0
      if (count > 0) counts.set(name, count - 1)
      return count === 0
    })
    .toSorted()
}
