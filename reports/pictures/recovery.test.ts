import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { foldRecovery, type RecoveryFacts } from '../facts/recovery.ts'
import { anyRecords, folded } from '../facts/sample-records.ts'
import { recoveryPicture } from './recovery.ts'
import { drawn } from './sample-svg.ts'
import { theme } from './theme.ts'

const delay = {
  pod: 'kube-system/kube-proxy-x',
  owner: 'DaemonSet/kube-proxy',
  node: 'worker',
  reason: 'Terminated',
  reboot: 1,
  failedAt: 2_000,
  predictedMs: 0,
  measuredMs: 7,
}
const remedy = {
  name: 'restart kube-controller-manager',
  appliedAt: 21_000,
  tookMs: 4_300,
  withinMs: 15_000,
  condition: 'every DaemonSet pod is Ready',
  storm: { nodeReadyAt: 20_000, predictedAt: 52_000 },
}
const facts = (changes: Partial<RecoveryFacts> = {}): RecoveryFacts => ({
  startedAt: 1_000,
  endedAt: 60_000,
  cluster: 'kind-1',
  objectiveMs: 15_000,
  reboots: 2,
  delays: [
    delay,
    { ...delay, reason: 'NodeShutdown', predictedMs: 4_000, measuredMs: 4_100 },
    { ...delay, reason: 'NodeShutdown', predictedMs: 32_000, measuredMs: null, reboot: 2 },
  ],
  remedies: [remedy],
  omitted: 0,
  ...changes,
})

describe('recoveryPicture', () => {
  it('has a row for each failed pod, with the predicted and the measured delay, and the objective', async () => {
    const { texts, fills, title, description, width } = drawn(await recoveryPicture(facts({ remedies: [] }), 'storm'))

    expect(texts).toEqual(
      expect.arrayContaining([
        'reboot 1 · kube-proxy · Terminated',
        'reboot 1 · kube-proxy · NodeShutdown',
        'reboot 2 · kube-proxy · NodeShutdown',
        'objective 15 s',
        'predicted → measured',
        '0 s → 7 ms',
        '4 s → 4.1 s',
        '32 s → not deleted by the end',
      ]),
    )
    // Three predictions and their entry in the legend; one pod was never deleted.
    expect(fills.get(theme.series2)).toBe(4)
    expect(fills.get(theme.series1)).toBe(3)
    expect(title).toBe('Back-off: storm')
    expect(description).toContain('differ by 0.1 s at most, in 2 pods')
    expect(width).toBeLessThan(1_100)
  })

  it('shows how long a remedy took beside what nothing would have done', async () => {
    const picture = drawn(await recoveryPicture(facts({ delays: [] }), 'remedy'))
    expect(picture.texts).toEqual(
      expect.arrayContaining([
        'restart kube-controller-manager',
        '4.3 s (objective 15 s)',
        'nothing is done (predicted)',
        '32 s at the earliest',
      ]),
    )
    expect(picture.fills.get(theme.met)).toBe(1)

    const failed = drawn(await recoveryPicture(facts({ remedies: [{ ...remedy, tookMs: null }] }), 'remedy'))
    expect(failed.texts).toContain('not within 15 s (objective 15 s)')
    expect(failed.description).toContain('restart kube-controller-manager: not back within 15 s.')
  })

  it('is no picture where nothing was predicted and nothing was done', async () => {
    const measured = { ...delay, predictedMs: null }
    expect(await recoveryPicture(facts({ delays: [], remedies: [] }), 'nothing')).toBeNull()
    expect(await recoveryPicture(facts({ delays: [measured], remedies: [] }), 'nothing')).toBeNull()
  })

  it('keeps rows of one name apart, and shows the last of many', async () => {
    const delays = Array.from({ length: 100 }, () => delay)
    const { texts } = drawn(await recoveryPicture(facts({ delays, omitted: 5 }), 'many'))
    expect(texts).toContain('reboot 1 · kube-proxy · Terminated (48)')
    expect(texts).not.toContain('reboot 1 · kube-proxy · Terminated (49)')
    expect(texts).toContain('the last 48 of 105 failed pods')
  })

  it('draws a hostile name as text', async () => {
    const hostile = '<script>alert(1)</script>'
    const delays = [{ ...delay, owner: `DaemonSet/${hostile}`, reason: '' }]
    const picture = drawn(await recoveryPicture(facts({ delays, remedies: [{ ...remedy, name: hostile }] }), hostile))
    expect(picture.elements.has('script')).toBe(false)
    expect(picture.texts).toContain(hostile)
  })

  it('draws whatever comes out of a journal', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        const svg = await recoveryPicture(folded(foldRecovery, records), 'any')
        expect(svg === null || drawn(svg).title === 'Back-off: any').toBe(true)
      }),
      { numRuns: 20 },
    )
  })
})
