/** Longer ones are refused by file systems once something stands behind them. */
const longest = 150

/**
 * A name out of a cluster as the name of a file or folder: no separators, no dot in front, so that it leads nowhere else,
 * whatever the name holds. Different names may become the same.
 */
export function pathName(name: string): string {
  return (
    name
      .replaceAll(/[^\w.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, longest)
      .replace(/[.-]+$/, '') || 'unnamed'
  )
}
