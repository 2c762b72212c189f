import { expect, it } from 'vitest'

import { offline } from './offline.ts'

const page = (body: string) => `<!DOCTYPE html>\n<html>\n<head>\n</head>\n<body>${body}</body>\n</html>`

it('takes out what is loaded from elsewhere, and leaves what is in the page', () => {
  const own = '<script src="data:text/javascript;base64,YQ=="></script><script>window.allure = {}</script>'
  const analytics =
    '<script async src="https://example.com/gtag/js?id=G-1"></script>\n<script>\n  window.dataLayer = []\n  gtag()\n</script>'
  const html = offline(page(`${own}${analytics}${own}`))
  expect(html).not.toMatch(/example\.com|dataLayer/)
  expect(html.split(own)).toHaveLength(3)
})

it('forbids the browser every other place', () => {
  expect(offline(page(''))).toMatch(
    /<head>\s*<meta http-equiv="Content-Security-Policy" content="default-src 'none'; [^"]*">/,
  )
})

it('does not pass a page off as offline that it does not know', () => {
  expect(() => offline('<html></html>')).toThrow('has no <head>')
})
