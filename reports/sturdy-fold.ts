import { printable } from './printable.ts'
import type { StartFold } from './scenario-fold.ts'

/**
 * The fold, with an end to what a record of a shape that nobody foresaw can do: a fold that throws is told nothing more
 * and gives what it has, or what it would have of no record at all. It is said once, on stderr.
 */
export function sturdy<T>(
  name: string,
  fold: StartFold<T>,
  warn: (message: string) => void = (message) => console.error(message),
): StartFold<T> {
  return (start) => {
    const inner = fold(start)
    let isBroken = false
    const attempt = <R>(what: () => R): R | null => {
      try {
        return what()
      } catch (error) {
        if (!isBroken) warn(printable(`warning: the ${name} of ${start.name} is not whole: ${String(error)}`))
        isBroken = true
        return null
      }
    }
    return {
      take: (record) => void (isBroken || attempt(() => inner.take(record))),
      end: (end) => attempt(() => inner.end(end)) ?? fold(start).end(end),
    }
  }
}
