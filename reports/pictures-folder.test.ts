import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { emptyPictures, folderNames } from './pictures-folder.ts'

const named = (scenario: string, cluster = 'kind', kubernetes = 'v1.34.4') => ({
  scenario,
  cluster,
  verdict: { distribution: { name: '', version: '', kubernetes } },
})

describe('folderNames', () => {
  it('takes the shortest name that is its own', () => {
    expect(
      folderNames([
        named('recovery.power-cut'),
        named('identity.late', 'static'),
        named('identity.late', 'waits'),
        named('join.worker', 'joining', 'v1.34.4'),
        named('join.worker', 'joining', 'v1.36.3'),
        named('mirror.pull'),
        named('mirror.pull'),
      ]),
    ).toEqual([
      'recovery.power-cut',
      'identity.late-static',
      'identity.late-waits',
      'join.worker-joining-v1.34.4',
      'join.worker-joining-v1.36.3',
      'mirror.pull-kind-v1.34.4',
      'mirror.pull-kind-v1.34.4-2',
    ])
  })

  it('never leads out of its folder, and never to the same place twice', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('..', '.', '', '/', '../../etc/passwd', 'a/b', String.raw`..\..`, 'a', 'A', 'x'.repeat(400)),
    )
    const all = fc.array(fc.record({ scenario: nasty, cluster: nasty, kubernetes: nasty }), { maxLength: 6 })
    fc.assert(
      fc.property(all, (scenarios) => {
        const names = folderNames(
          scenarios.map(({ scenario, cluster, kubernetes }) => named(scenario, cluster, kubernetes)),
        )
        const leads = (name: string) =>
          path.dirname(path.resolve('/pictures', name)) !== '/pictures' || path.basename(name) !== name
        expect(names.filter((name) => leads(name) || name.length > 200)).toEqual([])
        expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(scenarios.length)
      }),
    )
  })
})

describe('emptyPictures', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'pictures-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const picture = { name: 'timeline', title: 'a', svg: '<svg/>' } as const

  it('leaves the pictures of this report, and of everything else what was there', () => {
    const pictures = path.join(folder, 'pictures')
    const [a, b, c] = [named('a'), named('b'), named('c')]
    expect(emptyPictures(pictures, [a])(a, [picture])).toBe(1)
    mkdirSync(path.join(pictures, 'holiday'))
    for (const file of ['holiday/timeline.svg', 'holiday/beach.svg', 'trend.svg']) {
      writeFileSync(path.join(pictures, file), '')
    }
    const write = emptyPictures(pictures, [b, c])
    expect(write(b, [picture, { ...picture, name: 'etcd' }])).toBe(2)
    expect(write(c, [])).toBe(0)
    expect(readdirSync(pictures, { recursive: true }).toSorted()).toEqual([
      'b',
      'b/etcd.svg',
      'b/timeline.svg',
      'holiday',
      'holiday/beach.svg',
      'trend.svg',
    ])
  })
})
