/** At most so many points of a long line: where there are more, every other one goes, and later ones count less often. */
export class Thinned<T> {
  readonly #most: number
  #points: T[] = []
  #every = 1
  #seen = 0
  #last: T | undefined

  constructor(most: number) {
    this.#most = most
  }

  add(point: T): void {
    this.#last = point
    if (this.#seen % this.#every === 0) this.#points.push(point)
    this.#seen += 1
    if (this.#points.length <= this.#most) return
    this.#points = this.#points.filter((_, index) => index % 2 === 0)
    this.#every *= 2
  }

  /** How many there were. */
  get count(): number {
    return this.#seen
  }

  /** In their order; the last one is always among them. */
  all(): T[] {
    const last = this.#last
    return last === undefined || this.#points.at(-1) === last ? [...this.#points] : [...this.#points, last]
  }
}
