import { readFile, writeFile } from 'node:fs/promises'

/**
 * What a report may load: itself, and nothing from any other place. It is one file with its script and its data in it.
 * This also keeps whatever a cluster managed to smuggle in from calling home.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
  "style-src 'self' 'unsafe-inline' data: blob:",
  "img-src 'self' data: blob:",
  "font-src 'self' data: blob:",
  "connect-src 'self' data: blob:",
  "frame-src 'self' data: blob:",
  "media-src 'self' data: blob:",
].join('; ')

/** On a phone the kind and the size of an attachment leave its name the width of a letter. */
const narrow =
  '@media (max-width: 640px) { [data-testid="test-result-attachment-header"] span.paragraphs-text-s { display: none } }'

/**
 * Takes out what Allure's page would load from the network, which no setting of it turns off (Google Analytics, in
 * @allurereport/plugin-awesome 3.18), and forbids the rest to the browser.
 * @throws where the page is another than this knows
 */
export async function makeOffline(page: string): Promise<void> {
  await writeFile(page, offline(await readFile(page, 'utf8')))
}

export function offline(html: string): string {
  const loader = /<script\b[^>]*\bsrc=["']https?:\/\/[^"']*["'][^>]*>\s*<\/script>/g
  // Neither of the two spans a `</script>`, and the data of the report come in scripts of their own.
  const analytics = /<script>\s*window\.dataLayer\b(?:(?!<\/script>)[\s\S])*<\/script>/g
  const cleared = html.replaceAll(loader, '').replaceAll(analytics, '')
  const end = cleared.search(/<head>/)
  if (end === -1) throw new Error('the page that Allure has written has no <head>: it cannot be made to stay offline')
  const at = end + '<head>'.length
  const meta = `\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`
  return `${cleared.slice(0, at)}${meta}\n    <style>${narrow}</style>${cleared.slice(at)}`
}
