/** Something in data that JSON cannot say, and where. */
export interface NotPlain {
  readonly path: readonly (string | number)[]
  readonly what: string
}

/**
 * What JSON cannot say of what a YAML document came to: a value that holds itself, a number that is none, a date or bytes
 * by a tag. Such data would be written otherwise than it was read, or not at all.
 */
export function notPlain(data: unknown): NotPlain[] {
  const found: NotPlain[] = []
  const around = new Set<object>()
  // An anchor's value is one object, however many aliases name it.
  const looked = new Set<object>()
  const look = (value: unknown, path: readonly (string | number)[]): void => {
    if (typeof value !== 'object' || value === null) {
      if (typeof value === 'number' && !Number.isFinite(value)) found.push({ path, what: `${value} is no number` })
      return
    }
    if (around.has(value)) return void found.push({ path, what: 'an alias names what it stands in' })
    if (looked.has(value)) return
    looked.add(value)
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
      const kind = value.constructor.name
      return void found.push({
        path,
        what: `a tag makes it a ${kind}, and only lists, maps, texts and numbers are read`,
      })
    }
    around.add(value)
    if (Array.isArray(value)) value.forEach((item, index) => look(item, [...path, index]))
    else for (const [key, item] of Object.entries(value)) look(item, [...path, key])
    around.delete(value)
  }
  look(data, [])
  return found
}
