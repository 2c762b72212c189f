import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { named, resolveCluster } from '../clusters/index.ts'
import { legArguments } from './matrix-leg-run.ts'
import { planLegs } from './matrix-legs.ts'
import { matrixOptions } from './matrix-options.ts'
import { startOptions } from './start-options.ts'

it('calls npm start with the definition of the leg, in a directory of its own', () => {
  const out = mkdtempSync(path.join(tmpdir(), 'clusterproof-matrix-'))
  onTestFinished(() => rmSync(out, { recursive: true }))
  const options = matrixOptions(['--out', out, '--scenario', 'roles.*', '--repeat', '2', '--offline'], {})
  if (options === null) throw new Error('help was asked for')
  const clusters = [...named.keys()].filter((name) => named.get(name)?.provider !== 'k3s')
  for (const leg of planLegs(clusters, ['1.35.4'])) {
    const start = startOptions(legArguments(leg, options), {})
    expect(start).toMatchObject({
      out: path.join(out, leg.name),
      scenario: 'roles.*',
      repeat: 2,
      offline: true,
    })
    expect(resolveCluster(start?.cluster ?? '')).toEqual(leg.definition)
  }
})
