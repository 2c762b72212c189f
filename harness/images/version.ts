/** A released version: `1.34.4`. A tag such as `v1.34.4` names it; one with a suffix (`-rc.0`) names no release. */
export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** The version that a text such as `v1.34.4` or `1.34.4` names, or `undefined` where it names none. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text)
  if (match === null) return undefined
  const [, major, minor, patch] = match
  return { major: Number(major), minor: Number(minor), patch: Number(patch) }
}

export function formatVersion({ major, minor, patch }: Version): string {
  return `${major}.${minor}.${patch}`
}

/** Negative where `a` is older than `b`, 0 where they are the same. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch
}

/** `1.34` of `1.34.4`. */
export function minorOf({ major, minor }: Version): string {
  return `${major}.${minor}`
}
