import { create } from 'xmlbuilder2'

/** What tests look at in a picture: its texts, in the order in which they are drawn, and how often each colour fills. */
export interface DrawnPicture {
  readonly title: string
  readonly description: string
  readonly texts: readonly string[]
  readonly elements: ReadonlySet<string>
  readonly fills: ReadonlyMap<string, number>
  readonly width: number
}

/** @throws where the SVG is not well-formed */
export function drawn(svg: string | null): DrawnPicture {
  if (svg === null) throw new Error('nothing was drawn')
  const texts: string[] = []
  const elements = new Set<string>()
  const fills = new Map<string, number>()
  let width = 0
  const once = { title: '', desc: '' }
  create(svg).each(
    ({ node }) => {
      elements.add(node.nodeName)
      const attribute = (name: string) => attributesOf(node).find((each) => each.name === name)?.value ?? ''
      if (node.nodeName === 'svg') width = Number(attribute('width'))
      const within = node.parentNode?.nodeName ?? ''
      // What a mark is called is a title within it.
      if (node.nodeName === '#text' && (within === 'text' || within === 'tspan')) texts.push(node.nodeValue ?? '')
      if (node.nodeName === 'title') once.title ||= node.textContent ?? ''
      if (node.nodeName === 'desc') once.desc ||= node.textContent ?? ''
      const fill = attribute('fill')
      if (fill !== '') fills.set(fill, (fills.get(fill) ?? 0) + 1)
    },
    true,
    true,
  )
  return { title: once.title, description: once.desc, texts, elements, fills, width }
}

function attributesOf(node: object): { name: string; value: string }[] {
  if (!('attributes' in node) || node.attributes === null) return []
  // xmlbuilder2's node is the DOM's; what it iterates over are its attributes.
  return [...(node.attributes as Iterable<{ name: string; value: string }>)]
}
