import type { Locator, Page } from 'playwright-core'

import { isTimeline, type ReportResult } from './report-data.ts'
import type { Screen } from './watched-page.ts'

/**
 * How long a page may take to show something, in milliseconds. A report of 4 MB opens in half a second, and in 15 s beside
 * clusters that use all of two processors.
 */
const patienceMs = 60_000

/** The same for what is on a page that has been opened. */
const shownMs = 5_000

/** The overview, with its tree of results. */
export async function openOverview(page: Page, url: string): Promise<void> {
  page.setDefaultTimeout(patienceMs)
  await page.goto(url)
  await page.getByTestId('tree-section-title').or(page.getByTestId('tree-leaf')).first().waitFor()
  await page.waitForLoadState('networkidle')
  // It goes to the first failure by itself, past its own heading.
  await page.evaluate('document.querySelectorAll("*").forEach((element) => { element.scrollTop = 0 })')
}

/**
 * From the overview to a result, as a reader goes there: looks for its name, opens what the tree has closed, from its end,
 * and then what is found. The tree follows the search a moment later, and is closed again then: what was to be clicked may
 * be gone, and is looked for anew.
 */
export async function openResult(page: Page, { id, name }: ReportResult): Promise<void> {
  await page.getByPlaceholder('Search tests').fill(name)
  const leaf = page.locator(`[data-testid="tree-leaf"][data-tree-node-id="${id}"]`)
  const closed = page.locator('[data-testid="tree-arrow"] svg:not([class*="--opened"])')
  const section = page.getByTestId('tree-section').filter({ has: closed }).last().getByTestId('tree-section-title')
  const deadline = performance.now() + patienceMs
  for (let isOpen = false; !isOpen;) {
    if (performance.now() >= deadline) throw new Error(`the tree does not show ${name} within ${patienceMs} ms`)
    if (await leaf.isVisible()) isOpen = await isClicked(leaf)
    else await isClicked(section)
  }
  await page.getByTestId('test-result-info-title').waitFor()
  await page.waitForLoadState('networkidle')
}

/** Clicks what may be gone by then; whether it was there. */
async function isClicked(element: Locator): Promise<boolean> {
  try {
    await element.click({ timeout: shownMs })
    return true
  } catch {
    return false
  }
}

/** What of a result's page must be seen and is not, in words. */
export async function unseen(page: Page, { name, verdict }: ReportResult, screen: Screen): Promise<string[]> {
  const title = page.getByTestId('test-result-info-title')
  const problems = [...(await invisible(title, `the name ${name}`, screen))]
  if (!(await title.innerText()).includes(name)) problems.push(`the title is ${await title.innerText()}, not ${name}`)
  if (verdict?.diagnosis != null) {
    const { code } = verdict.diagnosis
    problems.push(...(await invisible(await anywhere(page, code), `the diagnosis ${code}`, screen)))
  }
  const steps = page.getByTestId('test-result-step-title')
  for (const expectation of verdict?.expectations ?? []) {
    const step = steps.filter({ hasText: expectation.name }).first()
    problems.push(...(await invisible(step, `a step for the expectation ${JSON.stringify(expectation.name)}`, screen)))
  }
  return problems
}

/** Pixels of a line of the report's text: a name that takes more lines than it has words is broken inside of them. */
const lineHeight = 20

/** The browser's `HTMLImageElement`, as far as it is used here: this project is not compiled with a browser's types. */
interface ShownImage {
  decode(): Promise<void>
  readonly naturalWidth: number
}

/** Opens the timeline of a result's page, and says what is wrong with the picture. */
export async function openTimeline(page: Page, { attachments }: ReportResult, screen: Screen): Promise<string[]> {
  const timeline = attachments.find(isTimeline)
  if (timeline === undefined) return ['the result has no timeline']
  const row = page.locator(`[data-tr-focus-id="${timeline.id}"]`)
  const name = row.getByText(timeline.name, { exact: true })
  await name.scrollIntoViewIfNeeded()
  const words = timeline.name.split(/[\s.-]+/)
  const lines = Math.round(((await name.boundingBox())?.height ?? 0) / lineHeight)
  const image = await openAttachment(page, timeline.id)
  await image.scrollIntoViewIfNeeded()
  // Resolves when the browser has the whole picture, and rejects where it cannot show it.
  const isImage = await image.evaluate((shown: ShownImage) =>
    shown.decode().then(
      () => shown.naturalWidth > 0,
      () => false,
    ),
  )
  return [
    ...(await invisible(image, 'the timeline', screen)),
    ...(lines > words.length ? [`${JSON.stringify(timeline.name)} stands in ${lines} lines: it has no room`] : []),
    ...(isImage ? [] : ['the timeline is no image that a browser can show']),
  ]
}

/** Opens an attachment where it is closed; the picture that it then shows. */
export async function openAttachment(page: Page, id: string): Promise<Locator> {
  const attachment = page
    .getByTestId('test-result-attachment')
    .filter({ has: page.locator(`[data-tr-focus-id="${id}"]`) })
    .last()
  const image = attachment.getByTestId('image-attachment-content').locator('img')
  // The row's arrow: on a narrow screen other things may stand over the row's middle.
  if (!(await image.isVisible())) await attachment.getByRole('button').first().locator('span').first().click()
  await image.waitFor()
  return image
}

/** How far the page is wider than the screen, as a problem. */
export async function sidewaysScroll(page: Page): Promise<string[]> {
  const excess = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'))
  return excess > 1 ? [`the page is ${excess} px wider than the screen`] : []
}

/** The first place on the page that shows a text, descriptions among them, which are documents of their own. */
async function anywhere(page: Page, text: string): Promise<Locator> {
  for (const frame of page.frames()) {
    const found = frame.getByText(text).filter({ visible: true }).first()
    if ((await found.count()) > 0) return found
  }
  return page.getByText(text).first()
}

/** Nothing where the element can be seen whole across the screen's width; it may be further down. */
async function invisible(element: Locator, what: string, { width }: Screen): Promise<string[]> {
  try {
    await element.waitFor({ state: 'visible', timeout: shownMs })
  } catch {
    return [`${what} is not on the page`]
  }
  const box = await element.boundingBox()
  if (box === null || box.width < 1 || box.height < 1) return [`${what} has no size`]
  const [left, right] = [Math.round(box.x), Math.round(box.x + box.width)]
  return left < 0 || right > width
    ? [`${what} reaches from ${left} to ${right} px, and the screen is ${width} wide`]
    : []
}
