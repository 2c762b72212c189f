import path from 'node:path'

import type { Browser, Page } from 'playwright-core'

import type { Checks } from './checks.ts'
import { isPicture, type ReportResult } from './report-data.ts'
import { openAttachment, openOverview, openResult, openTimeline, sidewaysScroll, unseen } from './walk.ts'
import { desktopLight, isHacked, type Screen, screens, watchedPage } from './watched-page.ts'

export interface ReportTour {
  readonly browser: Browser
  readonly checks: Checks
  /** Where the report is served. */
  readonly url: string
  /** The violating result that is read on every screen, with pictures taken. */
  readonly chosen: ReportResult
  /** The other ones, which are read once. */
  readonly others: readonly ReportResult[]
  /** The folder for the pictures. */
  readonly screenshots: string
}

/** Reads a report as a person does, on every screen: the overview, a scenario that violates, its timeline. */
export async function readReport({ browser, checks, url, chosen, others, screenshots }: ReportTour): Promise<void> {
  for (const screen of screens) {
    const on = `${screen.name}, ${screen.colours}`
    await using watched = await watchedPage(browser, url, screen)
    const { page, faults } = watched
    const picture = (name: string, of: { screenshot: Page['screenshot'] } = page) =>
      of.screenshot({ path: path.join(screenshots, `${name}-${screen.name}-${screen.colours}.png`) })
    const isOpen = await checks.run(`${on}: the overview opens`, async () => {
      await openOverview(page, url)
      await picture('overview')
    })
    if (isOpen) checks.add(`${on}: the overview fits the screen`, await sidewaysScroll(page))
    const isFound =
      isOpen && (await checks.run(`${on}: from the overview to ${chosen.name}`, () => openResult(page, chosen)))
    if (isFound) {
      await picture('scenario')
      await readResult(page, chosen, screen, checks)
      await picture('timeline')
    }
    checks.add(`${on}: no error, and nothing asked of anybody else`, faults)
  }
  for (const other of others) {
    await using watched = await watchedPage(browser, url, desktopLight)
    const { page, faults } = watched
    const isFound = await checks.run(`from the overview to ${other.name}`, async () => {
      await openOverview(page, url)
      await openResult(page, other)
    })
    if (isFound) await readResult(page, other, desktopLight, checks)
    checks.add(`${other.name}: no error, and nothing asked of anybody else`, faults)
  }
}

async function readResult(page: Page, result: ReportResult, screen: Screen, checks: Checks): Promise<void> {
  const on = `${screen.name}, ${screen.colours}`
  await checks.run(`${on}: ${result.name} shows its name, diagnosis and steps`, async () => {
    refuse([...(await unseen(page, result, screen)), ...(await sidewaysScroll(page))])
  })
  await checks.run(`${on}: ${result.name} shows its timeline`, async () => {
    refuse(await openTimeline(page, result, screen))
  })
}

export interface HostileTour {
  readonly browser: Browser
  readonly checks: Checks
  readonly url: string
  readonly results: readonly ReportResult[]
  /** Where each picture is served by itself. */
  readonly pictures: readonly string[]
}

/** Opens everything in the report of a run whose names are scripts, and each picture by itself. */
export async function readHostileReport({ browser, checks, url, results, pictures }: HostileTour): Promise<void> {
  await using watched = await watchedPage(browser, url, desktopLight)
  const { page, faults } = watched
  checks.add('hostile names: the report has the run', results.length > 0 ? [] : ['it has no result'])
  await checks.run('hostile names: no script of theirs runs in the overview', async () => {
    await openOverview(page, url)
    refuse((await isHacked(page)) ? ['one did'] : [])
  })
  for (const result of results) {
    await checks.run('hostile names: no script of theirs runs on the page of a result', async () => {
      await openOverview(page, url)
      await openResult(page, result)
      for (const { id } of result.attachments.filter(isPicture)) await openAttachment(page, id)
      refuse((await isHacked(page)) ? ['one did'] : [])
    })
  }
  checks.add('hostile names: the run has pictures', pictures.length > 0 ? [] : ['it has none'])
  for (const picture of pictures) {
    // As a document of its own an SVG may run scripts, as an image in a page it may not.
    await checks.run('hostile names: no script of theirs runs in a picture that is opened by itself', async () => {
      await page.goto(picture)
      refuse((await isHacked(page)) ? ['one did'] : [])
      const root = await page.evaluate('document.documentElement.nodeName')
      refuse(root === 'svg' ? [] : [`${picture} is no SVG: its root is ${String(root)}`])
    })
  }
  checks.add('hostile names: no dialog, no error, and nothing asked of anybody else', faults)
}

/** @throws {Error} that names the problems, where there are any */
function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'))
}
