import type { Browser, Page } from 'playwright-core'

/** How wide a reader's screen is, and which colours the reader prefers. */
export interface Screen {
  readonly name: string
  readonly width: number
  readonly height: number
  /** Dots of a picture for one of the screen: sharp enough to be read in a README, and what phones have. */
  readonly scale: number
  readonly colours: 'light' | 'dark'
}

const desktop = { name: 'desktop', width: 1_280, height: 900, scale: 1.5 } as const
const phone = { name: 'phone', width: 390, height: 844, scale: 2 } as const

export const screens: readonly Screen[] = [
  { ...desktop, colours: 'light' },
  { ...desktop, colours: 'dark' },
  { ...phone, colours: 'light' },
  { ...phone, colours: 'dark' },
]

export const desktopLight: Screen = { ...desktop, colours: 'light' }

/** A page of which everything is noted that no page of a report may do. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  /** What it did, in words, in the order in which it did it. */
  readonly faults: readonly string[]
}

/** What a name from a cluster sets where it is run as a script. */
export const hackedMark = 'hacked'

/** A blank page in a browser session of its own. It may ask only the server of `url`. */
export async function watchedPage(browser: Browser, url: string, screen: Screen): Promise<WatchedPage> {
  const { origin } = new URL(url)
  const context = await browser.newContext({
    viewport: { width: screen.width, height: screen.height },
    colorScheme: screen.colours,
    deviceScaleFactor: screen.scale,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const { url: of } = message.location()
    faults.push(`console error: ${message.text()}${of === '' ? '' : ` (${of})`}`)
  })
  page.on('pageerror', (error) => faults.push(`error in the page: ${error.message}`))
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('popup', (opened) => faults.push(`opened a window: ${opened.url()}`))
  page.on('download', (download) => faults.push(`download: ${download.url()}`))
  page.on('request', (request) => {
    if (!isLocal(request.url(), origin)) faults.push(`request that leaves the machine: ${request.url()}`)
  })
  page.on('requestfailed', (request) => {
    faults.push(`failed request: ${request.url()}: ${request.failure()?.errorText ?? 'no reason'}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`answer ${response.status()}: ${response.url()}`)
  })
  return { page, faults, [Symbol.asyncDispose]: () => context.close() }
}

/** Whether what is asked for comes from the report itself: its server, such as `http://127.0.0.1:80`, or its own memory. */
export function isLocal(url: string, origin: string): boolean {
  return (
    url.startsWith(`${origin}/`) ||
    url.startsWith(`blob:${origin}/`) ||
    url.startsWith('data:') ||
    url === 'about:srcdoc'
  )
}

/** Whether any document of the page has run a script out of a name. */
export async function isHacked(page: Page): Promise<boolean> {
  const marks = await Promise.all(page.frames().map((frame) => frame.evaluate(`'${hackedMark}' in window`)))
  return marks.includes(true)
}
