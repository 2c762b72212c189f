import { describe, expect, it } from 'vitest'

import { type Tone, type ToneName, themeStyle, tones } from './theme.ts'

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((start) => Number.parseInt(colour.slice(start, start + 2), 16) / 255)
    .map((value) => (value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const withoutMeaning = new Set<ToneName>(['paper', 'grid', 'onMark'])
const meanings = Object.entries<Tone>(tones).filter(([name]) => !withoutMeaning.has(name as ToneName))

describe('tones', () => {
  it.each(meanings)('%s is seen as a mark and read as text, on light and on dark paper', (_, tone) => {
    expect(contrast(tone.light, tones.paper.light)).toBeGreaterThanOrEqual(3)
    expect(contrast(tone.dark, tones.paper.dark)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(tone.text ?? tone.light, tones.paper.light)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['healthy', 'unhealthy', 'waiting', 'off', 'unknown'] as const)(
    'text is read on a bar that is %s',
    (name) => {
      expect(contrast(tones.onMark.light, tones[name].light)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(tones.onMark.dark, tones[name].dark)).toBeGreaterThanOrEqual(4.5)
    },
  )

  it('gives each marker one meaning on dark paper, because it is replaced by its colour', () => {
    const all = new Set(Object.values<Tone>(tones))
    expect(new Set([...all].map(({ light }) => light)).size).toBe(all.size)
  })
})

describe('themeStyle', () => {
  it('has rules for the colours in use alone, within the picture', () => {
    expect(themeStyle('p', new Set([tones.ink.light]))).toBe(
      '.p{max-width:100%;height:auto}@media (prefers-color-scheme:dark){' +
        '.p [fill="#1b1f24"]{fill:#e6e9ed}.p [stroke="#1b1f24"]{stroke:#e6e9ed}}',
    )
  })
})
