import fc from 'fast-check'
import type { TopLevelSpec } from 'vega-lite'
import { describe, expect, it } from 'vitest'
import { create } from 'xmlbuilder2'

import { renderPicture } from './render.ts'
import { theme, tones } from './theme.ts'

const hostile = '<script>alert(1)</script> " onload="alert(1)\' ]]> &amp; \u0000\u0007\ud800 \u202egnp.exe'

function bars(names: readonly string[]): TopLevelSpec {
  return {
    width: 200,
    title: names[0] ?? '',
    data: { values: names.map((name, index) => ({ name, index: index + 1 })) },
    layer: [
      { name: 'bars', mark: { type: 'bar', color: theme.healthy, clip: true } },
      { name: 'names', mark: { type: 'text', color: theme.healthy }, encoding: { text: { field: 'name' } } },
    ],
    encoding: {
      y: { field: 'name', type: 'nominal' },
      x: { field: 'index', type: 'quantitative' },
      description: { field: 'name' },
    },
  }
}

/** What makes an SVG more than a picture. @throws where it is not well-formed */
function dangers(svg: string): string[] {
  const found: string[] = []
  create(svg).each(
    ({ node }) => {
      if (/^(?:script|foreignObject|a|image|use|iframe|animate|set)$/i.test(node.nodeName)) found.push(node.nodeName)
      if (!('attributes' in node)) return
      // xmlbuilder2's node is the DOM's; what it iterates over are its attributes.
      for (const { name, value } of node.attributes as Iterable<{ name: string; value: string }>) {
        if (/^on|href$|^style$/i.test(name)) found.push(name)
        if (/url\((?!#)|javascript:|data:/i.test(value) && name !== 'xmlns') found.push(`${name}=${value}`)
      }
    },
    true,
    true,
  )
  return found
}

describe('renderPicture', () => {
  it('is one image with a title and a description', async () => {
    const svg = await renderPicture(bars(['a']), { title: 'What is "it"', description: 'Two bars.' })

    const { svg: root } = create(svg).toObject() as { svg: Record<string, unknown> }
    const [title, description] = String(root['@aria-labelledby']).split(' ')
    expect(root['@role']).toBe('img')
    expect(root).toMatchObject({
      title: expect.objectContaining({ '@id': title, '#': 'What is "it"' }),
      desc: expect.objectContaining({ '@id': description, '#': 'Two bars.' }),
    })
    expect(root['@viewBox']).toBe(`0 0 ${String(root['@width'])} ${String(root['@height'])}`)
  })

  it('makes no harm of a name from a cluster', async () => {
    const svg = await renderPicture(bars([hostile]), { title: hostile, description: hostile })

    expect(dangers(svg)).toEqual([])
    expect(svg).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(svg).not.toContain('\u202e')
  })

  it('comes out well-formed and harmless whatever the names are', async () => {
    const names = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { minLength: 5, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(names, fc.string({ unit: 'binary' }), async (texts, title) => {
        expect(dangers(await renderPicture(bars(texts), { title, description: title }))).toEqual([])
      }),
      { numRuns: 6 },
    )
  })

  it.each(['valueOf', 'constructor', '__proto__'])('has the title %s, which every object has too', async (name) => {
    const labels = { title: 'a', description: 'b' }
    expect(await renderPicture(bars([name]), labels)).toContain(`>${name}`)
    const { title: _, ...untitled } = bars(['a'])
    expect(await renderPicture({ ...untitled, title: { text: name, fontSize: 12 } } as TopLevelSpec, labels)).toContain(
      `>${name}`,
    )
  })

  it('replaces each colour that it uses where the reader prefers dark ones, and no other', async () => {
    const svg = await renderPicture(bars(['a']), { title: 'a', description: 'b' })
    const dark = /prefers-color-scheme:dark\)\{(.*)\}<\/style>/.exec(svg)?.[1] ?? ''

    expect(dark).toContain(`[fill="${tones.healthy.light}"]{fill:${tones.healthy.dark}}`)
    expect(dark).not.toContain(tones.fault.light)
    const colours = new Set([...svg.matchAll(/ (?:fill|stroke)="(#\w+)"/g)].map(([, colour]) => colour))
    for (const colour of colours) expect(dark).toContain(`[fill="${colour}"]`)
  })

  it('keeps the full text of a mark that says what it is', async () => {
    const svg = await renderPicture(bars(['worker-1']), { title: 'a', description: 'b' })

    expect(svg).toMatch(/<path [^>]*><title>worker-1<\/title><\/path>/)
  })

  it('gives the same picture for the same spec', async () => {
    const labels = { title: 'a', description: 'b' }
    const [first, second] = await Promise.all([renderPicture(bars(['a']), labels), renderPicture(bars(['a']), labels)])

    expect(first).toBe(second)
    expect(first).toMatch(/clip-path="url\(#(cp-\w+-part0)\)".*<clipPath id="\1"/)
  })

  it('refuses what a static picture must not have', async () => {
    const image: TopLevelSpec = {
      data: { values: [{}] },
      mark: { type: 'image', url: 'https://example.org/a.png', width: 5, height: 5 },
    }
    await expect(renderPicture(image, { title: 'a', description: 'b' })).rejects.toThrow('must not')

    const link: TopLevelSpec = { data: { values: [{}] }, mark: { type: 'point', href: 'https://example.org/' } }
    await expect(renderPicture(link, { title: 'a', description: 'b' })).rejects.toThrow('must not')
  })
})
