import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anyRecords, folded } from '../facts/sample-records.ts'
import { foldTransfers, type TransferFacts } from '../facts/transfers.ts'
import { mirrorPicture } from './mirror.ts'
import { drawn } from './sample-svg.ts'
import { theme } from './theme.ts'

const pull = {
  node: 'lone-1-cp',
  repository: 'clusterproof/large-6',
  askedAt: 6_000,
  endedAt: 6_500,
  ok: true,
  source: 'upstream' as const,
  bytes: 8_400_000,
  upstreamBytes: 8_400_000,
  tookMs: 400,
  attempts: 1,
  cutOff: false,
}
const facts = (changes: Partial<TransferFacts> = {}): TransferFacts => ({
  startedAt: 1_000,
  endedAt: 60_000,
  cluster: 'lone-1',
  pulls: [
    pull,
    { ...pull, node: 'lone-1-joining', askedAt: 31_000, source: 'mirror', tookMs: 800, attempts: 2, cutOff: true },
    { ...pull, node: 'lone-1-late', ok: false, source: null, tookMs: null, endedAt: 26_000 },
  ],
  speeds: [],
  asked: [],
  registries: [{ host: 'upstream.test', requests: 16, bytes: 8_393_657 }],
  omitted: 0,
  ...changes,
})

describe('mirrorPicture', () => {
  it('has a row for each pull: who, where from, what, how fast', async () => {
    const { texts, fills, description, width } = drawn(await mirrorPicture(facts(), 'scale-out'))

    expect(texts).toEqual(
      expect.arrayContaining([
        '5 s · cp ← upstream · large-6',
        '8.4 MB in 0.4 s, 21 MB/s',
        '30 s · joining ← mirror · large-6',
        '8.4 MB in 0.8 s, 11 MB/s · upstream black-holed · at attempt 2',
        '5 s · late ← nobody · large-6',
        'given up after 20 s',
        'upstream.test was asked 16 times in all and sent 8.4 MB',
      ]),
    )
    // A bar and an entry in the legend each.
    expect(fills.get(theme.series1)).toBe(2)
    expect(fills.get(theme.series2)).toBe(2)
    expect(description).toContain('joining pulled large-6 from mirror: 8.4 MB in 0.8 s')
    expect(width).toBeLessThan(1_100)
  })

  it('shows what a mirror saves, and how fast it is without a container runtime', async () => {
    const { texts } = drawn(
      await mirrorPicture(
        facts({
          speeds: [
            { source: 'mirror', megabytesPerSecond: 819.954, firstByteMs: 5.058 },
            { source: 'elsewhere', megabytesPerSecond: 7.66, firstByteMs: null },
          ],
          asked: [{ how: 'for 3 machines with the mirror', bytes: 67_120_634 }],
        }),
        'bytes',
      ),
    )
    expect(texts).toEqual(
      expect.arrayContaining([
        'one layer over HTTP ← mirror',
        '820 MB/s, first byte after 5 ms',
        '7.7 MB/s',
        'for 3 machines with the mirror',
        '67 MB',
      ]),
    )
  })

  it('says no more of a pull than is known', async () => {
    const pulls = [
      { ...pull, source: null, ok: null, tookMs: null, bytes: null },
      { ...pull, endedAt: null, source: null, ok: null, tookMs: null, bytes: null },
    ]
    const { texts } = drawn(await mirrorPicture(facts({ pulls }), 'unknown'))
    expect(texts).toEqual(
      expect.arrayContaining(['5 s · cp ← ? · large-6', 'pulled after 0.5 s', 'not ended', 'source not told']),
    )
  })

  it('is no picture where nothing was pulled', async () => {
    expect(await mirrorPicture(facts({ pulls: [] }), 'nothing')).toBeNull()
  })

  it('draws a hostile name as text, and the last of many pulls', async () => {
    const hostile = '<script>x</script>'
    const pulls = Array.from({ length: 60 }, () => ({ ...pull, repository: hostile }))
    const picture = drawn(await mirrorPicture(facts({ pulls }), hostile))
    expect(picture.elements.has('script')).toBe(false)
    expect(picture.texts).toContain(`5 s · cp ← upstream · ${hostile}`)
    expect(picture.texts).toContain(`5 s · cp ← upstream · ${hostile} (40)`)
    expect(picture.texts).toContain('the last 40 of 60 pulls')
  })

  it('draws whatever comes out of a journal', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        const svg = await mirrorPicture(folded(foldTransfers, records), 'any')
        expect(svg === null || drawn(svg).title === 'Transfers: any').toBe(true)
      }),
      { numRuns: 20 },
    )
  })
})
