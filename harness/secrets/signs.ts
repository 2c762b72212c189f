export const secretKinds = [
  'private key',
  'client key of a kubeconfig',
  'bootstrap token',
  'token of a ServiceAccount or user (JWT)',
  'certificate key of kubeadm',
  'token of k3s',
  'bearer token',
  'password',
] as const

/** What must be in nothing that a run leaves behind for others to read. */
export type SecretKind = (typeof secretKinds)[number]

/** How a secret shows in a text. */
export interface Sign {
  readonly kind: SecretKind
  /** One of these is in every text that has the sign: looking for them is much faster than the pattern. */
  readonly needles: readonly string[]
  /** Global; what it captures, where it does, is the secret. */
  readonly pattern: RegExp
  /** Whether what was captured is a word that stands where a secret could. */
  readonly isHarmless?: (secret: string) => boolean
}

/** A quotation mark, as it stands in JSON, and in text in JSON, and in text in that; or none. */
const mark = String.raw`(?:\\{0,7}["'])?`

/** Spaces and new lines, the same. */
const gap = String.raw`(?:\s|\\{1,7}[nrt]){0,4}`

/** Between a field and its value, in YAML, in JSON, in an environment and on a command line. */
const is = `${mark}${gap}[:=]${gap}${mark}`

/** A value: at the end of a word in all of these. */
const value = String.raw`[^\s"'\\,;<>(){}\[\]]`

const pem = '(?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----'

export const signs: readonly Sign[] = [
  {
    kind: 'private key',
    needles: ['PRIVATE KEY'],
    // To its end where that is there; a log that was cut may have the beginning alone.
    pattern: new RegExp(`-----BEGIN ${pem}(?:(?:(?!-----)[^]){0,16384}-----END ${pem})?`, 'g'),
  },
  {
    kind: 'private key',
    // How DER begins in base64, for a key that has lost its first line: RSA (PKCS #1, PKCS #8), EC (SEC 1: P-256, P-384,
    // P-521; PKCS #8), Ed25519.
    needles: ['IBAAKC', 'IBADANBg', 'AgEBB', 'CAQEEI', 'AgEAM', 'MC4CAQAwBQYDK2Vw'],
    pattern: new RegExp(
      '(?:MII[A-Za-z0-9+/]{2}[AQgw]IBAAKC|MII[A-Za-z0-9+/]{2}[AQgw]IBADANBgkqhkiG9w0BAQEF|MHcCAQEEI|MIGkAgEBBD' +
        '|MIHcAgEBBEI|MI[GH][A-Za-z0-9+/]AgEAM[A-Za-z0-9+/]{2}GByqGSM49AgEG|MC4CAQAwBQYDK2VwBCIEI)[A-Za-z0-9+/=]{24,}',
      'g',
    ),
  },
  {
    kind: 'client key of a kubeconfig',
    needles: ['client-key-data', 'clientKeyData'],
    pattern: new RegExp(`client(?:-key-d|KeyD)ata${is}([A-Za-z0-9+/_-]{16,}={0,2})`, 'g'),
  },
  {
    kind: 'token of a ServiceAccount or user (JWT)',
    needles: ['eyJ'],
    pattern: /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/g,
  },
  {
    kind: 'bootstrap token',
    needles: ['.'],
    pattern: /(?<![\w.+/-])[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.+/-])/g,
    isHarmless: isEventName,
  },
  {
    kind: 'bootstrap token',
    // Said to be one, whatever its digits.
    needles: ['oken'],
    pattern: new RegExp(`token(?:${is}|${gap})([a-z0-9]{6}\\.[a-z0-9]{16})(?![\\w.])`, 'gi'),
  },
  {
    kind: 'bootstrap token',
    // In its Secret, where it is in base64.
    needles: ['token-secret'],
    pattern: new RegExp(`token-secret${is}([A-Za-z0-9+/]{16,24}={0,2})`, 'g'),
  },
  {
    kind: 'certificate key of kubeadm',
    needles: ['ertificate-key', 'ertificateKey', 'ertificate_key', 'ertificate key'],
    pattern: new RegExp(`certificate[-_ ]?key(?:${is}|${gap})([0-9a-f]{64})(?![0-9a-f])`, 'gi'),
  },
  { kind: 'token of k3s', needles: ['K10'], pattern: /K10[0-9a-f]{64}::[\w:.-]+/g },
  {
    kind: 'token of k3s',
    needles: ['K3S_'],
    pattern: new RegExp(`K3S_(?:AGENT_)?TOKEN${is}(${value}{8,})`, 'g'),
    isHarmless: standsForNone,
  },
  {
    kind: 'bearer token',
    needles: ['earer'],
    pattern: new RegExp(`authorization${is}bearer\\s+([\\w.~+/=-]{16,})`, 'gi'),
  },
  {
    kind: 'password',
    needles: ['assw', 'ASSW', 'assphrase', 'ASSPHRASE'],
    pattern: new RegExp(`pass(?:word|wd|phrase)${is}(${value}{3,})`, 'gi'),
    isHarmless: standsForNone,
  },
  {
    kind: 'password',
    // A variable of a container, as the API has it. By its name it may as well be a token. What etcd calls its cluster's
    // token is a name that all members know.
    needles: ['PASS', 'SECRET', 'TOKEN', 'CREDENTIAL', 'API'],
    pattern: new RegExp(
      `name${is}[A-Z0-9_]*(?:PASS|SECRET|(?<!ETCD_INITIAL_CLUSTER_)TOKEN|CREDENTIAL|API_?KEY)[A-Z0-9_]*${mark}${gap},${gap}${mark}value${is}([^"\\\\]{3,})`,
      'g',
    ),
    isHarmless: standsForNone,
  },
  {
    kind: 'password',
    // One whose name ends so, in a shell, a unit file or a log, where words have such names too.
    needles: ['PASS', 'SECRET', 'TOKEN', 'CREDENTIAL', 'KEY'],
    pattern: new RegExp(
      `(?:PASS|SECRET|(?<!ETCD_INITIAL_CLUSTER_)TOKEN|CREDENTIALS?|API_?KEY|ACCESS_KEY)=${mark}(${value}{8,})`,
      'g',
    ),
    isHarmless: isWord,
  },
  {
    kind: 'bearer token',
    // Of a user in a kubeconfig: what it is like is its issuer's own affair.
    needles: ['oken'],
    pattern: new RegExp(`(?<![\\w-])(?:bearer_?)?token${mark}${gap}:${gap}${mark}(${value}{20,})`, 'gi'),
    isHarmless: isWord,
  },
  {
    kind: 'password',
    needles: ['://'],
    pattern: /[a-z][a-z0-9+.-]{1,15}:\/\/[\w.%+-]+:([^\s/@"'\\<>:]{3,})@[\w.[-]/g,
    isHarmless: standsForNone,
  },
  {
    kind: 'password',
    needles: ['uthorization'],
    pattern: new RegExp(`authorization${is}basic\\s+([A-Za-z0-9+/]{8,}={0,2})`, 'gi'),
  },
  {
    kind: 'password',
    // Of an image registry, as Docker's configuration and Secrets of the type dockerconfigjson have it.
    needles: ['"auth'],
    pattern: new RegExp(`"auth${is}([A-Za-z0-9+/]{8,}={0,2})`, 'g'),
  },
]

/**
 * An Event is named after its object and a time in 16 hexadecimal digits, which looks like a bootstrap token where the
 * object's name has six characters. A token's are of 36 letters and digits, or, where this project made it, hexadecimal
 * before the dot as well.
 */
function isEventName(text: string): boolean {
  const [id = '', secret = ''] = text.split('.')
  return /^[0-9a-f]+$/.test(secret) && !/^[0-9a-f]+$/.test(id)
}

/** What gives access was drawn at random, from digits and letters; names of objects are words with dashes between them. */
function isWord(text: string): boolean {
  const isName = /^[a-z]+(?:[-.][a-z0-9]+)+$/.test(text)
  return standsForNone(text) || isName || !/\d/.test(text) || !/[a-z]/i.test(text)
}

/** A variable, a path, a word for "left out", a number or a word of a program: no secret is any of them. */
function standsForNone(text: string): boolean {
  return (
    /^(?:[*•.x-]+|\$.*|%.*|\/.*|!.*|&.*|[\d.]{1,3}|true|false|null|none|nil|undefined|empty|string|required|optional)$/i.test(
      text,
    ) || /redacted|withheld|hidden|left.out/i.test(text)
  )
}
