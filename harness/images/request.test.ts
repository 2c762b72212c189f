import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { UserError } from '../user-error.ts'
import { bestMatch, imageNamed, nodeImage } from './request.ts'
import { defaultKubernetes, supportedKubernetes } from './versions.ts'

describe('bestMatch', () => {
  const accepted = ['clusterproof/node:v1.34.4', 'kindest/node:v1.34.*']

  it('takes the first accepted name that there is', () => {
    const available = ['kindest/node:v1.34.11', 'clusterproof/node:v1.34.4']
    expect(bestMatch(accepted, available)).toBe('clusterproof/node:v1.34.4')
  })

  it('takes the newest of several releases, by number', () => {
    const available = ['kindest/node:v1.34.9', 'kindest/node:v1.34.11', 'kindest/node:v1.35.0']
    expect(bestMatch(accepted, available)).toBe('kindest/node:v1.34.11')
  })

  it.each([
    'kindest/node:v1.35.0',
    'kindest/node:v1.340.0',
    'kindest/node:v1.34.4-rc.0',
    'other/node:v1.34.4',
    'clusterproof/node:v1.34.5',
  ])('does not take %s', (image) => {
    expect(bestMatch(accepted, [image])).toBeUndefined()
  })

  it('knows an image by each of its names', () => {
    expect(bestMatch(['docker.io/a/b:v1'], ['a/b:v1'])).toBe('a/b:v1')
    expect(bestMatch(['busybox'], ['docker.io/library/busybox:latest'])).toBe('docker.io/library/busybox:latest')
  })

  it('does not depend on the order in which images are listed', () => {
    const images = fc.uniqueArray(
      fc.nat(30).map((patch) => `kindest/node:v1.34.${patch}`),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(images, (available) => {
        const best = bestMatch(accepted, available)
        expect(available).toContain(best)
        expect(bestMatch(accepted, available.toReversed())).toBe(best)
        expect(bestMatch(accepted, available.toSorted())).toBe(best)
      }),
    )
  })
})

describe('nodeImage', () => {
  it.each([...supportedKubernetes().keys()])('can be had for Kubernetes %s in every way', (minor) => {
    const image = nodeImage(minor)
    expect(image.name).toMatch(new RegExp(`^clusterproof/node:v${minor}\\.\\d+$`))
    expect(image.accepted[0]).toBe(image.name)
    expect(image.pull).toMatch(new RegExp(`^kindest/node:v${minor}\\.\\d+@sha256:[0-9a-f]{64}$`))
    expect(image.build).toEqual({
      image: image.name,
      program: 'clusters/node-image/build',
      args: [minor, image.name],
      recipeArgs: ['--recipe', minor],
    })
  })

  it('is found again under the name that a pull gives it', () => {
    const { accepted, pull = '' } = nodeImage(defaultKubernetes)
    const tagged = pull.split('@')[0] ?? ''
    expect(bestMatch(accepted, [tagged])).toBe(tagged)
  })

  it('refuses a minor that is not supported', () => {
    expect(() => nodeImage('1.2')).toThrow(UserError)
  })
})

describe('imageNamed', () => {
  it('is pulled by the name it is known by, and not built', () => {
    expect(imageNamed('ghcr.io/a/b:c')).toEqual({
      name: 'ghcr.io/a/b:c',
      accepted: ['ghcr.io/a/b:c'],
      pull: 'ghcr.io/a/b:c',
    })
  })

  it('refuses what is no name', () => {
    expect(() => imageNamed('--privileged')).toThrow(RangeError)
  })
})
