/**
 * The one clock of a run: milliseconds since the run's start on CLOCK_MONOTONIC, which all processes of a host share.
 * A wall clock may be set or slewed while a fault is being timed; this one may not.
 */
export interface Clock {
  /** Milliseconds since the run's start. */
  now(): number
  /** The wall-clock time that belongs to `now()` = `at`, for people to read. */
  wall(at: number): Date
}

/** What another process needs to read the same clock. */
export interface ClockOrigin {
  /** `process.hrtime.bigint()` at the run's start, in nanoseconds, as decimal digits. */
  readonly monotonic: string
  /** ISO 8601 wall-clock time at the run's start. */
  readonly startedAt: string
}

export function clockOrigin(): ClockOrigin {
  return { monotonic: process.hrtime.bigint().toString(), startedAt: new Date().toISOString() }
}

export function clockFrom(origin: ClockOrigin): Clock {
  const start = BigInt(origin.monotonic)
  const wallStart = Date.parse(origin.startedAt)
  return {
    now: () => Number(process.hrtime.bigint() - start) / 1e6,
    wall: (at) => new Date(wallStart + at),
  }
}
