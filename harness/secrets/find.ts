import { constants, gunzipSync } from 'node:zlib'

import { type SecretKind, signs } from './signs.ts'

/** A secret in a text. What it is like is nowhere in it: whoever is told of it must not be told it. */
export interface FoundSecret {
  readonly kind: SecretKind
  /** From where to where it stands, in characters; within something encoded, where all of that stands. */
  readonly start: number
  readonly end: number
  /** What it is wrapped in, the outermost first: `base64`, `gzip`. */
  readonly within: readonly Wrapping[]
}

export type Wrapping = 'base64' | 'gzip'

/** Characters of base64 below which it holds no secret that would be known without them: a bootstrap token takes 31. */
const shortestBase64 = 31

/** A Secret in an attachment, packed, in a page: deeper nothing is wrapped that a run leaves. */
const deepest = 5

/** What one gzip may come to, in bytes: more is no attachment of this project's, and would fill the memory. */
const longestUnpacked = 512 * 1_024 * 1_024

/**
 * The secrets in a text, in their order; within base64, and gzip in base64, as well.
 * @param text of single bytes where it may hold any (latin1): secrets are ASCII
 * @throws {RangeError} where something in it is packed and too large to be looked through
 */
export function findSecrets(text: string): FoundSecret[] {
  return find(text, 0).toSorted((left, right) => left.start - right.start)
}

function find(text: string, depth: number): FoundSecret[] {
  const found = plainSecrets(text)
  return depth >= deepest ? found : [...found, ...encodedSecrets(text, found, depth + 1)]
}

function plainSecrets(text: string): FoundSecret[] {
  const found: FoundSecret[] = []
  for (const { kind, needles, pattern, isHarmless } of signs) {
    if (!needles.some((needle) => text.includes(needle))) continue
    for (const match of text.matchAll(pattern)) {
      const [all, captured] = match
      const secret = captured ?? all
      if (isHarmless?.(secret) === true) continue
      const start = match.index + all.lastIndexOf(secret)
      const end = start + secret.length
      if (!found.some((other) => start < other.end && other.start < end)) found.push({ kind, start, end, within: [] })
    }
  }
  return found
}

const base64 = new RegExp(`[A-Za-z0-9+/]{${shortestBase64},}={0,2}`, 'g')

/** What is encoded has letters of both cases; paths and digests do not. */
const isMixed = (run: string) => /[A-Z]/.test(run) && /[a-z]/.test(run)

function encodedSecrets(text: string, known: readonly FoundSecret[], depth: number): FoundSecret[] {
  const found: FoundSecret[] = []
  for (const match of text.matchAll(base64)) {
    const [run] = match
    const [start, end] = [match.index, match.index + run.length]
    if (!isMixed(run) || known.some((other) => start < other.end && other.start < end)) continue
    const inside = decodedSecret(run, depth)
    if (inside !== null) found.push({ kind: inside.kind, start, end, within: ['base64', ...inside.within] })
  }
  return found
}

/** The first secret in what a run of base64 stands for. A path or a word may stand before it: each offset is tried. */
function decodedSecret(run: string, depth: number): Pick<FoundSecret, 'kind' | 'within'> | null {
  for (let offset = 0; offset < 4; offset += 1) {
    const bytes = Buffer.from(offset === 0 ? run : run.slice(offset), 'base64')
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      const [first] = find(unpacked(bytes), depth)
      if (first !== undefined) return { kind: first.kind, within: ['gzip', ...first.within] }
    }
    const [first] = find(bytes.toString('latin1'), depth)
    if (first !== undefined) return first
  }
  return null
}

/**
 * As far as it goes where it was cut; nothing where it is no gzip after all.
 * @throws {RangeError} where it would come to more than can be looked through
 */
function unpacked(bytes: Uint8Array): string {
  try {
    const options = { maxOutputLength: longestUnpacked, finishFlush: constants.Z_SYNC_FLUSH }
    return gunzipSync(bytes, options).toString('latin1')
  } catch (error) {
    if (error instanceof RangeError) throw error
    return ''
  }
}
