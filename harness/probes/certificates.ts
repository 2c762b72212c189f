import { X509Certificate } from 'node:crypto'

/** How long a certificate in a file is valid. */
export interface Validity {
  readonly file: string
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
}

/**
 * The certificates in a text of PEM blocks, each under the file that it is from: `-- /etc/kubernetes/pki/apiserver.crt`.
 * What is none is left out.
 */
export function validities(text: string): Validity[] {
  return text.split(/^-- /m).flatMap((part) => {
    const [file = '', ...lines] = part.split('\n')
    const blocks = lines.join('\n').match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
    return blocks.flatMap((block) => validityOf(file.trim(), block))
  })
}

function validityOf(file: string, pem: string): Validity[] {
  try {
    const { validFrom, validTo } = new X509Certificate(pem)
    return [{ file, from: Date.parse(validFrom), to: Date.parse(validTo) }]
  } catch {
    return []
  }
}

/** `/etc/kubernetes/pki/apiserver.crt has been invalid since …`, a line for each that is not valid now. */
export function invalidCertificates(all: readonly Validity[], now: number): string[] {
  return all.flatMap(({ file, from, to }) => {
    if (now > to) return [`${file} has expired at ${new Date(to).toISOString()}`]
    if (now < from) return [`${file} is valid from ${new Date(from).toISOString()} on only`]
    return []
  })
}
