import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { bestMatch } from './request.ts'
import { projectFolder } from './settings.ts'
import { subjects } from './subjects.ts'

describe('subjects', () => {
  it.each(Object.entries(subjects.spegel))('Spegel %s is one version of image, chart and archives', (name, spegel) => {
    expect(spegel.image.pull).toMatch(new RegExp(`^ghcr\\.io/(xenitab|spegel-org)/spegel:${name}$`))
    expect(spegel.chart).toMatchObject({
      archive: `spegel-${name}.tgz`,
      repository: `oci://${spegel.image.name.split(':')[0]?.replace(/spegel$/, 'helm-charts/spegel') ?? ''}`,
    })
    expect(spegel.chart.version.replace(/^v/, '')).toBe(name.replace(/^v/, ''))
  })

  it('finds an archive by the short name that the engine gives it', () => {
    const { accepted } = subjects.kubeRouter.image
    expect(bestMatch(accepted, ['cloudnativelabs/kube-router:v2.5.0'])).toBe('cloudnativelabs/kube-router:v2.5.0')
  })

  it('takes any published registry 3 for the one that is built here, but that one first', () => {
    const { accepted, name } = subjects.registry.image
    expect(bestMatch(accepted, ['registry:2', 'registry:30.0.0'])).toBeUndefined()
    expect(bestMatch(accepted, ['registry:3'])).toBe('registry:3')
    expect(bestMatch(accepted, ['registry:3', 'registry:3.0.0'])).toBe('registry:3.0.0')
    expect(bestMatch(accepted, ['registry:3.9.0', name])).toBe(name)
  })

  it('names the registry after the version that is built', () => {
    const pinned = readFileSync(path.join(projectFolder, 'clusters/subject-images/registry/go.mod'), 'utf8')
    expect(pinned).toContain(`github.com/distribution/distribution/v3 v${subjects.registry.version}\n`)
  })
})
