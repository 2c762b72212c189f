import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { HostMonitor, type HostSample, judgeHost, keptFrom } from './host-monitor.ts'

/** Samples every 250 ms in which tasks waited for a processor for that share of the time. */
function samples(count: number, stalledShare: number | null): HostSample[] {
  return Array.from({ length: count }, (_, index) => ({
    t: index * 250,
    cpuStallUs: stalledShare === null ? null : 1e6 + index * 250_000 * stalledShare,
    time: null,
    lateMs: 0,
  }))
}

describe('judgeHost', () => {
  it('blames no host whose waiting tasks yield to everybody', () => {
    const claimed = (share: number) =>
      samples(40, 1).map((sample) => ({
        ...sample,
        time: { allMs: sample.t * 2, claimedMs: sample.t * 2 * share, idleMs: 0 },
      }))
    expect(judgeHost(claimed(0.4), 0, 10_000)).toBeNull()
    expect(judgeHost(claimed(0.6), 0, 10_000)).toContain('short of processors')
  })

  it('finds a host that kept up', () => {
    expect(judgeHost(samples(40, 0.5), 0, 10_000)).toBeNull()
  })

  it('finds a host that was short of processors', () => {
    expect(judgeHost(samples(40, 0.95), 0, 10_000)).toBe(
      'the host was short of processors: tasks waited for one in 95 % of the time',
    )
  })

  it('finds a host that stood still', () => {
    const late = { t: 5_000, cpuStallUs: null, time: null, lateMs: 2_500 }
    expect(judgeHost([...samples(10, null), late], 0, 10_000)).toBe('the host stood still for 2.5 s')
    expect(judgeHost([...samples(10, null), { ...late, lateMs: 2_000 }], 0, 10_000)).toBeNull()
  })

  it('finds a standstill in which the deadline passed', () => {
    const late = { t: 9_000, cpuStallUs: null, time: null, lateMs: 6_000 }
    expect(judgeHost([late], 0, 4_000)).toBe('the host stood still for 6.0 s')
    expect(judgeHost([late], 0, 2_999)).toBeNull()
  })

  it('judges nothing but the time it is asked about', () => {
    const stall = samples(80, 0).map((sample) => ({
      ...sample,
      cpuStallUs: Math.max(0, Math.min(sample.t, 10_000) - 5_000) * 1_000,
      lateMs: sample.t === 7_500 ? 3_000 : 0,
    }))
    expect(judgeHost(stall, 0, 4_000)).toBeNull()
    expect(judgeHost(stall, 4_600, 7_000)).toContain('stood still')
    expect(judgeHost(stall, 7_750, 10_000)).toContain('short of processors')
    expect(judgeHost(stall, 10_000, 19_000)).toBeNull()
  })

  it('blames no host that it knows nothing of', () => {
    expect(judgeHost([], 0, 10_000)).toBeNull()
    expect(judgeHost(samples(40, null), 0, 10_000)).toBeNull()
    expect(judgeHost(samples(1, 1), 0, 10_000)).toBeNull()
  })

  it('draws the line at nine tenths of the time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 3, max: 50 }), (percent, count) => {
        fc.pre(percent !== 90)
        expect(judgeHost(samples(count, percent / 100), 0, count * 250) !== null).toBe(percent > 90)
      }),
    )
  })
})

describe('HostMonitor', () => {
  it('sees a standstill as soon as it is asked, before its own timer comes', () => {
    let now = 0
    using monitor = new HostMonitor({ now: () => now, wall: (at) => new Date(at) })
    expect(monitor.slowness(0, now)).toBeNull()
    now = 10_000
    expect(monitor.slowness(0, 5_000)).toMatch(/^the host stood still for (9\.\d|10\.0) s$/)
  })
})

describe('keptFrom', () => {
  /** Samples of two processors of which others claim that share, while tasks wait for half of the time. */
  const claimed = (share: number) =>
    samples(40, 0.5).map((sample) => ({
      ...sample,
      time: { allMs: sample.t * 2, claimedMs: sample.t * 2 * share, idleMs: 0 },
    }))

  it('is the share in which tasks waited, times what others claimed', () => {
    expect(keptFrom(claimed(0.4), 1_000, 9_000)).toBeCloseTo(8_000 * 0.5 * 0.4)
  })

  it('is all that others claimed, where the kernel does not tell who waited and no processor was idle', () => {
    const untold = claimed(0.4).map((sample) => ({ ...sample, cpuStallUs: null }))
    expect(keptFrom(untold, 1_000, 9_000)).toBeCloseTo(8_000 * 0.4)
    const idle = untold.map((sample) => ({ ...sample, time: { ...sample.time, idleMs: sample.t * 1.1 } }))
    expect(keptFrom(idle, 1_000, 9_000)).toBe(0)
  })

  it('is all of a standstill, and nothing where nothing is known', () => {
    const late = { t: 12_500, cpuStallUs: null, time: null, lateMs: 2_500 }
    expect(keptFrom([...samples(40, null), late], 0, 13_000)).toBeCloseTo(2_500)
    // A span that begins or ends within it has a part of it.
    expect(keptFrom([...samples(40, null), late], 0, 11_125)).toBeCloseTo(1_250)
    expect(keptFrom([...samples(40, null), late], 11_125, 13_000)).toBeCloseTo(1_250)
    expect(keptFrom(samples(40, 1), 0, 9_750)).toBe(0)
  })

  it('is never more than the time that went by', () => {
    const sample = fc.record({ stalledUs: fc.nat(250_000), claimedMs: fc.nat(500) })
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 50 }), (steps) => {
        let [cpuStallUs, claimedMs] = [0, 0]
        const all = steps.map((step, index): HostSample => {
          cpuStallUs += step.stalledUs
          claimedMs += step.claimedMs
          return { t: index * 250, cpuStallUs, time: { allMs: index * 500, claimedMs, idleMs: 0 }, lateMs: 0 }
        })
        const kept = keptFrom(all, 0, steps.length * 250)
        expect(kept).toBeGreaterThanOrEqual(0)
        expect(kept).toBeLessThanOrEqual(steps.length * 250)
      }),
    )
  })
})
