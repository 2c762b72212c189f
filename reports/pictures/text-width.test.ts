import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cutMiddle, cutText, textWidth } from './text-width.ts'

describe('cutText and cutMiddle', () => {
  it('leave a text that fits', () => {
    expect(cutText('kube-proxy', 200, 11)).toBe('kube-proxy')
    expect(cutMiddle('kube-proxy', 200, 11)).toBe('kube-proxy')
  })

  it('cut at the end, and in the middle', () => {
    expect(cutText('every DaemonSet pod runs on the node again', 100, 11)).toBe('every DaemonS…')
    expect(cutMiddle('kube-controller-manager-split-a1b2-cp', 100, 11)).toBe('kube-co…a1b2-cp')
  })

  it('never come out wider than the room', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 0, max: 300 }), (text, width) => {
        expect(textWidth(cutText(text, width, 11), 11)).toBeLessThanOrEqual(width)
        expect(textWidth(cutMiddle(text, width, 11), 11)).toBeLessThanOrEqual(width)
      }),
    )
  })
})
