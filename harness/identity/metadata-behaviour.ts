import { dnsLabel } from './metadata-address.ts'

/**
 * How the emulated metadata service answers a machine. What is not answered (`late`, `gone`) is a connection that is
 * accepted and closed without a byte, so that the request is still on record.
 */
export type MetadataBehaviour =
  /** The machine's own host name, at once. */
  | { readonly kind: 'answers' }
  /** No answer before that time, in epoch milliseconds. */
  | { readonly kind: 'late'; readonly untilMs: number }
  /** No answer in the first milliseconds after the machine's first question, at each of its boots. */
  | { readonly kind: 'late'; readonly afterMs: number }
  | { readonly kind: 'status'; readonly code: 204 | 404 | 500 }
  /** The right answer, after that many milliseconds. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Another host name than the machine's. */
  | { readonly kind: 'renamed'; readonly name: string }
  | { readonly kind: 'gone' }

/**
 * The line that the service reads at each request.
 * @throws {RangeError} where a time or a name is none
 */
export function behaviourLine(behaviour: MetadataBehaviour): string {
  switch (behaviour.kind) {
    case 'answers':
    case 'gone':
      return `${behaviour.kind}\n`
    case 'late':
      return 'untilMs' in behaviour
        ? `late until ${milliseconds(behaviour.untilMs)}\n`
        : `late after ${milliseconds(behaviour.afterMs)}\n`
    case 'status':
      return `status ${behaviour.code}\n`
    case 'slow':
      return `slow ${milliseconds(behaviour.ms)}\n`
    case 'renamed':
      return `renamed ${hostname(behaviour.name)}\n`
  }
}

function milliseconds(value: number): number {
  if (!(value >= 0 && Number.isFinite(value))) throw new RangeError(`${value} is no number of milliseconds`)
  return Math.round(value)
}

/** @throws {RangeError} where the name is no DNS label */
export function hostname(name: string): string {
  if (!dnsLabel.test(name)) throw new RangeError(`${JSON.stringify(name)} is no DNS label, and so no host name`)
  return name
}
