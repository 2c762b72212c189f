import { createHash } from 'node:crypto'

import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

import { measureTextsByCharacter } from './text-width.ts'
import { fontStack, pictureConfig, themeStyle, tones } from './theme.ts'

export interface PictureLabels {
  readonly title: string
  /** What the picture shows, in words: for those who cannot see it. */
  readonly description: string
}

const scope = 'clusterproof-picture'

const elements = new Set(
  'svg g path line rect circle text tspan title defs clipPath linearGradient radialGradient stop'.split(' '),
)

/** Nobody can act on a static picture, and to a screen reader it is one image: its title and description say it all. */
const dropped = /^(?:role|aria-.*|on.*|.*href|style|pointer-events|cursor|font-family|xmlns:.*)$/i

/** Control characters, which XML forbids, those that turn the direction of what follows them, and halves of characters. */
const unprintable = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu

/**
 * Draws a vega-lite spec as a static SVG: no scripts, no fonts or images from elsewhere, light or dark as the reader
 * prefers. Colours must be those of `theme`; a mark's `description` becomes its `<title>`, which browsers show over it.
 * @throws {Error} where the spec asks for an element that a static picture must not have (a link, an image)
 */
export async function renderPicture(spec: TopLevelSpec, { title, description }: PictureLabels): Promise<string> {
  measureTextsByCharacter()
  const logger = vega.logger(vega.None)
  const compiled = compile(withPlainTitle(spec), { config: pictureConfig, logger })
  const view = new vega.View(vega.parse(compiled.spec), {
    renderer: 'none',
    loader: closedLoader(),
    logger,
  })
  try {
    return standalone(await view.toSVG(), { title, description })
  } finally {
    view.finalize()
  }
}

function withPlainTitle(spec: TopLevelSpec): TopLevelSpec {
  const { title } = spec
  if (typeof title === 'string') return { ...spec, title: plain(title) }
  if (typeof title !== 'object' || title === null || !('text' in title) || typeof title.text !== 'string') return spec
  return { ...spec, title: { ...title, text: plain(title.text) } }
}

/** vega takes a text such as `valueOf` or `constructor` for what every object has; a blank behind it makes it one. */
function plain(text: string): string {
  return text in {} ? `${text} ` : text
}

/** Everything that a picture shows is in its spec. A link comes as far as `tag`, which refuses it. */
function closedLoader(): vega.Loader {
  return Object.assign(vega.loader(), { load: refuse, sanitize: noAddress, http: refuse, file: refuse })
}

function noAddress(): Promise<{ href: string }> {
  return Promise.resolve({ href: '#' })
}

function refuse(uri: string): Promise<never> {
  return Promise.reject(new Error(`a picture must not load ${uri}`))
}

function standalone(drawn: string, labels: PictureLabels): string {
  const steady = withSteadyNames(drawn)
  const id = `cp-${createHash('sha256').update(labels.title).update(steady).digest('hex').slice(0, 10)}`
  // vega escapes <, > and " in attributes, and < and > in texts, so that this finds tags and nothing else.
  const body = steady.replaceAll(
    /<([a-zA-Z]+)((?: [\w:-]+="[^"<>]*")*)(\/?)>/g,
    (_, name: string, attributes: string, end: string) => tag(name, attributesOf(attributes), end, id),
  )
  const colours = Object.values(tones).map(({ light }) => light)
  const used = new Set<string>(colours.filter((colour) => body.includes(`"${colour}"`)))
  const head = [
    `<title id="${id}-title">${escaped(labels.title)}</title>`,
    `<desc id="${id}-desc">${escaped(labels.description)}</desc>`,
    `<style>${themeStyle(scope, used)}</style>`,
  ].join('')
  return body.replace('>', () => `>${head}`).replaceAll(unprintable, '\uFFFD')
}

/** vega numbers clip paths through the whole process; the same spec shall give the same picture. */
function withSteadyNames(drawn: string): string {
  const names = [...new Set([...drawn.matchAll(/<(?:clipPath|\w+Gradient) id="(\w+)"/g)].map(([, name = '']) => name))]
  return drawn.replaceAll(/(?<= id="|"url\(#)\w+(?="|\)")/g, (name) => {
    const index = names.indexOf(name)
    return index === -1 ? name : `part${index}`
  })
}

function attributesOf(text: string): [string, string][] {
  return [...text.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value])
}

function tag(name: string, attributes: readonly [string, string][], end: string, id: string): string {
  if (!elements.has(name)) throw new Error(`a picture must not contain <${name}>`)
  if (name === 'svg') return rootTag(attributes, id)
  if (attributes.some(([key, value]) => key === 'display' && value === 'none') && end !== '') return ''
  const label = name === 'g' ? undefined : attributes.find(([key]) => key === 'aria-label')?.[1]
  const kept = attributes
    .filter(([key, value]) => !dropped.test(key) && !(key === 'opacity' && value === '1'))
    .map(([key, value]) => [key, local(key, value, id)] as const)
  const open = `<${name}${written(kept)}`
  if (label === undefined) return `${open}${end}>`
  return end === '' ? `${open}><title>${label}</title>` : `${open}><title>${label}</title></${name}>`
}

function rootTag(attributes: readonly [string, string][], id: string): string {
  const size = attributes.filter(([key]) => ['xmlns', 'version', 'width', 'height', 'viewBox'].includes(key))
  return `<svg${written([
    ...size,
    ['class', scope],
    ['role', 'img'],
    ['aria-labelledby', `${id}-title ${id}-desc`],
    ['font-family', fontStack.replaceAll('"', "'")],
  ])}>`
}

/** Names of clip paths must differ between pictures that stand in one page. */
function local(key: string, value: string, id: string): string {
  if (key === 'id') return `${id}-${value}`
  return value.replace(/^url\(#([\w-]+)\)$/, `url(#${id}-$1)`)
}

function written(attributes: readonly (readonly [string, string])[]): string {
  return attributes.map(([key, value]) => ` ${key}="${value}"`).join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
