import { expect, it } from 'vitest'

import { isLocal } from './watched-page.ts'

const origin = 'http://127.0.0.1:4000'

it.each(['/', '/widgets/x.json?v=1'])('%s of the report is its own', (target) => {
  expect(isLocal(origin + target, origin)).toBe(true)
})

it.each([`blob:${origin}/5f-1`, 'data:image/svg+xml,x', 'about:srcdoc'])('%s is its own', (url) => {
  expect(isLocal(url, origin)).toBe(true)
})

it.each([
  'https://www.googletagmanager.com/gtag/js',
  'http://127.0.0.1:40001/',
  'http://127.0.0.1:4000.example.com/',
  'ws://127.0.0.1:4000/',
  'file:///etc/passwd',
])('%s leaves it', (url) => {
  expect(isLocal(url, origin)).toBe(false)
})
