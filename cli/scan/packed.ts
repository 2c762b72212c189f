import { open } from 'node:fs/promises'

/** How gzip begins. */
export const gzip = Buffer.from([0x1f, 0x8b])

/** Packed formats that no run writes and that cannot be looked into, by their first bytes. */
const closedFormats = [
  ['a zip archive', Buffer.from('PK\u0003\u0004', 'latin1')],
  ['packed by zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['packed by xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['packed by bzip2', Buffer.from('BZh', 'latin1')],
] as const

/** What begins so and cannot be looked into, in words; null: it can. */
export function closedFormat(begins: Buffer): string | null {
  return closedFormats.find(([, magic]) => begins.subarray(0, magic.length).equals(magic))?.[0] ?? null
}

/** As many as tell a format. */
export async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(6), 0, 6, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Bytes of a block of tar: a header is one, and what it is of begins with the next. */
const blockSize = 512

/** Where a header has the name of its format, and that name (POSIX and GNU). */
const headerMagic = { at: 257, is: Buffer.from('ustar') }

/** Watches what an archive consists of for files that are packed themselves, and so does what was unpacked once. */
export class PackedMembers {
  readonly found = new Set<string>()
  #isFirst = true
  #isAfterHeader = false
  #rest: Buffer = Buffer.alloc(0)

  /** Hands on what it watches. */
  async *watching(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#look(chunk)
      yield chunk
    }
    if (this.#rest.length > 0) this.#block(this.#rest)
  }

  #look(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#rest, chunk])
    const whole = bytes.length - (bytes.length % blockSize)
    for (let at = 0; at < whole; at += blockSize) this.#block(bytes.subarray(at, at + blockSize))
    this.#rest = bytes.subarray(whole)
  }

  #block(block: Buffer): void {
    if (this.#isFirst || this.#isAfterHeader) {
      const packed = block.subarray(0, gzip.length).equals(gzip) ? 'packed by gzip' : closedFormat(block)
      if (packed !== null) this.found.add(packed)
    }
    this.#isFirst = false
    const { at, is } = headerMagic
    this.#isAfterHeader = block.subarray(at, at + is.length).equals(is)
  }
}
