import fc from 'fast-check'

/** One thing that happens to bytes on a disk or in an editor. Places and lengths are shares of what there is: 0 to 65535. */
export interface Damage {
  readonly kind: 'flip' | 'cut off' | 'drop' | 'repeat' | 'move' | 'insert'
  readonly at: number
  readonly length: number
  readonly what: number
}

const share = fc.nat(65_535)
const kinds = ['flip', 'flip', 'cut off', 'drop', 'repeat', 'move', 'insert', 'insert', 'insert'] as const

/** Some damage, mostly little: what is damaged everywhere is refused at its first letter. */
export const damages: fc.Arbitrary<readonly Damage[]> = fc.array(
  fc.record({ kind: fc.constantFrom(...kinds), at: share, length: share, what: fc.nat() }),
  { minLength: 1, maxLength: 6 },
)

/** Longer pieces would soon leave nothing of the text. */
const longestPiece = 200

/** The bytes after the damage; what is inserted is one of the given texts. */
export function damaged(bytes: Buffer, all: readonly Damage[], texts: readonly string[]): Buffer {
  return all.reduce((before, damage) => after(before, damage, texts), bytes)
}

function after(bytes: Buffer, { kind, at, length, what }: Damage, texts: readonly string[]): Buffer {
  const from = Math.floor((at / 65_536) * (bytes.length + 1))
  const to = Math.min(bytes.length, from + 1 + Math.floor((length / 65_536) * longestPiece))
  const [head, piece, tail] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)]
  switch (kind) {
    case 'flip': {
      const flipped = Buffer.from(bytes)
      if (from < bytes.length) flipped.writeUInt8(bytes.readUInt8(from) ^ (1 << (what % 8)), from)
      return flipped
    }
    case 'cut off':
      return head
    case 'drop':
      return Buffer.concat([head, tail])
    case 'repeat':
      return Buffer.concat([head, piece, piece, tail])
    case 'move': {
      const rest = Buffer.concat([head, tail])
      const place = what % (rest.length + 1)
      return Buffer.concat([rest.subarray(0, place), piece, rest.subarray(place)])
    }
    case 'insert':
      return Buffer.concat([head, Buffer.from(texts[what % texts.length] ?? ''), piece, tail])
  }
}
