import { describe, expect, it } from 'vitest'

import { k3sImage, k3sPauseImage } from './k3s-versions.ts'
import { parseReference } from './reference.ts'
import { supportedKubernetes } from './versions.ts'

describe('k3sImage', () => {
  it.each([...supportedKubernetes().keys()])('is a pinned release of Kubernetes %s', (minor) => {
    const { name, accepted, pull = '', build } = k3sImage(minor)
    expect(parseReference(pull)).toEqual({
      registry: 'docker.io',
      repository: 'rancher/k3s',
      tag: expect.stringMatching(new RegExp(String.raw`^v${minor.replace('.', String.raw`\.`)}\.\d+-k3s\d+$`)),
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    })
    expect(pull).toContain(`${name}@`)
    expect(accepted).toEqual([name])
    expect(build).toBeUndefined()
  })

  it('is wrong usage with a minor that no release is known of, and names those that are', () => {
    expect(() => k3sImage('1.31')).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: 'no k3s release of Kubernetes "1.31" is known here',
        hint: expect.stringContaining('1.32, 1.33, 1.34, 1.35, 1.36'),
      }),
    )
  })
})

describe('k3sPauseImage', () => {
  it('is a name of an image', () => {
    expect(parseReference(k3sPauseImage).tag).toBe('3.6')
  })
})
