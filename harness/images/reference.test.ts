import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { canonicalName, familiarName, type ImageReference, parseReference } from './reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

describe('parseReference', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['kindest/node:v1.34.4', 'docker.io/kindest/node:v1.34.4'],
    ['docker.io/cloudnativelabs/kube-router:v2.5.0', 'docker.io/cloudnativelabs/kube-router:v2.5.0'],
    ['index.docker.io/library/busybox:1', 'docker.io/library/busybox:1'],
    ['ghcr.io/spegel-org/spegel:v0.7.4', 'ghcr.io/spegel-org/spegel:v0.7.4'],
    ['localhost/a', 'localhost/a:latest'],
    ['localhost:5000/a/b', 'localhost:5000/a/b:latest'],
    [`kindest/node:v1.34.4@${digest}`, `docker.io/kindest/node:v1.34.4@${digest}`],
    [`kindest/node@${digest}`, `docker.io/kindest/node@${digest}`],
  ])('reads %s', (text, canonical) => {
    expect(canonicalName(parseReference(text))).toBe(canonical)
  })

  it.each(['', ':v1', 'UPPER/case', 'a//b', 'a:', 'a:b:c', 'a b', 'a@sha256:short', `a@${digest}@${digest}`, '/a'])(
    'refuses %j',
    (text) => {
      expect(() => parseReference(text)).toThrow(RangeError)
    },
  )
})

const pathComponent = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,2}$/)
const anyReference: fc.Arbitrary<ImageReference> = fc
  .record({
    registry: fc.constantFrom('docker.io', 'ghcr.io', 'localhost:5000', 'localhost', 'registry.example.com:443'),
    path: fc.array(pathComponent, { minLength: 2, maxLength: 4 }),
    tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
    digest: fc.option(fc.constant(digest), { nil: undefined }),
  })
  .map(({ registry, path, tag, digest: pinned }) => ({
    registry,
    repository: path.join('/'),
    ...(tag !== undefined || pinned !== undefined ? tag !== undefined && { tag } : { tag: 'latest' }),
    ...(pinned !== undefined && { digest: pinned }),
  }))

describe('laws', () => {
  it('the canonical and the familiar name both name the image they were made from', () => {
    fc.assert(
      fc.property(anyReference, (reference) => {
        expect(parseReference(canonicalName(reference))).toEqual(reference)
        expect(parseReference(familiarName(reference))).toEqual(reference)
      }),
    )
  })

  it('no text makes it do anything but return or throw a RangeError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          canonicalName(parseReference(text))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})
