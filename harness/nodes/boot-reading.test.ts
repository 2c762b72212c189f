import { existsSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { run } from '../process.ts'
import { bootCommand, bootFrom } from './boot-reading.ts'

const kernel = '3f1a2b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b'

const printed = ({ name = 'systemd', ticks = 12_345, btime = 1_767_225_600, boot = kernel } = {}) =>
  [
    `1 (${name}) S 0 1 1 0 -1 4194560 9000 800000 20 300 50 60 900 300 20 0 1 0 ${ticks} 170000000 3000 18446744073709`,
    'cpu  100 0 200 3000 0 0 0 0 0 0',
    'intr 1000 0 9',
    `btime ${btime}`,
    'processes 5000',
    boot,
    '',
  ].join('\n')

describe('bootFrom', () => {
  it('is when PID 1 started: so long after the kernel did', () => {
    expect(bootFrom(printed()).startedAt).toBe(Date.UTC(2026, 0, 1) + 123_450)
  })

  it('is another boot for another PID 1, and for another kernel whose PID 1 is as young', () => {
    const { id } = bootFrom(printed())
    expect(bootFrom(printed({ ticks: 12_346 })).id).not.toBe(id)
    expect(bootFrom(printed({ boot: kernel.replace('3', '4') })).id).not.toBe(id)
  })

  it('is the same boot after the clock was set', () => {
    const set = bootFrom(printed({ btime: 1_767_229_200 }))
    expect(set.id).toBe(bootFrom(printed()).id)
    expect(set.startedAt).toBe(Date.UTC(2026, 0, 1, 1) + 123_450)
  })

  it('minds no name', () => {
    expect(bootFrom(printed({ name: 'a) b (c 1 2 3' }))).toEqual(bootFrom(printed()))
  })

  it.each(['', 'cat: /proc/1/stat: Permission denied', printed().replace('btime', 'time')])('is none in %j', (text) => {
    expect(() => bootFrom(text)).toThrow(/^cat \/proc\/1\/stat .* printed no boot: "/)
  })

  it.runIf(existsSync('/proc/1/stat'))('reads this machine, twice the same', async () => {
    const [file, ...args] = bootCommand
    const read = async () => bootFrom((await run(file, args)).stdout)
    const boot = await read()
    expect(await read()).toEqual(boot)
    expect(boot.startedAt).toBeLessThan(Date.now())
    expect(boot.startedAt).toBeGreaterThan(Date.UTC(2020))
  })
})
