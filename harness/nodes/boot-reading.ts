/** What a machine says of its present boot. */
export interface Boot {
  /** Equal in two readings of one boot and of no two, whatever happens to the machine's clock. */
  readonly id: string
  /** When its PID 1 started, in milliseconds since the epoch by its own clock; up to one second early. */
  readonly startedAt: number
}

/**
 * Prints what {@link bootFrom} reads. A container shares the kernel's boot id and start with its host, and has a PID 1
 * of its own; a machine that is rebooted has a PID 1 that is as young as ever, and another boot id.
 */
export const bootCommand = ['cat', '/proc/1/stat', '/proc/stat', '/proc/sys/kernel/random/boot_id'] as const

/** Ticks a second of the times in /proc: USER_HZ, include/asm-generic/param.h. */
const ticksPerSecond = 100

/**
 * The boot that {@link bootCommand} printed.
 * @throws {RangeError} where it is not what Linux prints
 */
export function bootFrom(text: string): Boot {
  // proc(5): the name is in parentheses and may hold any; the start is field 22, the first one after the name is 3.
  const fields = /^1 \(.*\) (.*)$/m.exec(text)?.[1]?.split(' ') ?? []
  const ticks = Number(fields[22 - 3])
  const kernelSeconds = Number(/^btime (\d+)$/m.exec(text)?.[1])
  const kernelBoot = /^[0-9a-f]{8}-[0-9a-f-]{27}$/m.exec(text)?.[0]
  if (!Number.isFinite(ticks) || !Number.isFinite(kernelSeconds) || kernelBoot === undefined) {
    throw new RangeError(`${bootCommand.join(' ')} printed no boot: ${JSON.stringify(text.slice(0, 200))}`)
  }
  return { id: `${kernelBoot}/${ticks}`, startedAt: kernelSeconds * 1_000 + (ticks * 1_000) / ticksPerSecond }
}
