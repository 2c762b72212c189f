import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { readRun, type ScenarioReport } from '../run-model.ts'
import { scenarioPictures } from '../scenario-pictures.ts'
import { hostileName, hostileNames, writeHostileRun } from './hostile-run.ts'
import { hackedMark } from './watched-page.ts'

async function hostileScenarios(): Promise<readonly ScenarioReport[]> {
  const out = mkdtempSync(path.join(tmpdir(), 'clusterproof-hostile-'))
  onTestFinished(() => rmSync(out, { recursive: true }))
  writeHostileRun(out)
  const { scenarios, damagedLines, lastWords } = await readRun(out)
  expect({ damagedLines, lastWords }).toEqual({ damagedLines: 0, lastWords: '' })
  return scenarios
}

it('is a run that the report reads whole: one scenario, and its journal', async () => {
  expect(await hostileScenarios()).toMatchObject([
    {
      scenario: 'recovery.hostile-names',
      cluster: hostileName,
      verdict: { outcome: 'violates' },
      startedAt: 5_000,
      endedAt: 60_000,
    },
  ])
})

it('has every hostile name among the facts, as whatever a cluster can name', async () => {
  const [report] = await hostileScenarios()
  const { timeline, recovery, etcd, transfers } = report?.facts ?? {}
  const all = (prefix = '') => expect.arrayContaining(hostileNames.map((name) => prefix + name))
  const ofNodes = hostileNames.filter((name) => !name.includes('/'))
  expect(ofNodes.length).toBeGreaterThan(1)

  expect(timeline?.windows.filter(({ kind }) => kind === 'fault').map(({ name }) => name)).toEqual(all())
  expect(timeline?.windows.map(({ target }) => target)).toEqual(all())
  expect(timeline?.nodes.map(({ name }) => name).toSorted()).toEqual(ofNodes.toSorted())
  expect(timeline?.pods.map(({ node }) => node)).toEqual(all())
  expect(timeline?.holders.map(({ name }) => name)).toEqual(
    expect.arrayContaining([...hostileNames.map((name) => `lease ${name}/${name}`), 'etcd leader']),
  )
  expect(timeline?.expectations.map(({ name }) => name)).toEqual(all())
  expect(recovery?.delays.map(({ node }) => node)).toEqual(all())
  expect(recovery?.delays.map(({ owner }) => owner)).toEqual(all('DaemonSet/'))
  expect(etcd?.members.map(({ id, machine }) => (id === machine ? id : ''))).toEqual(all())
  expect(etcd?.leaders.map(({ id }) => id)).toEqual(all())
  expect(etcd?.faults.map(({ name }) => name)).toEqual(all())
  expect(transfers?.pulls.map(({ node }) => node)).toEqual(all())
})

it('has every picture, and in each of them the names as text', async () => {
  const [report] = await hostileScenarios()
  const pictures = report === undefined ? [] : await scenarioPictures(report)
  expect(pictures.map(({ name }) => name)).toEqual(['timeline', 'recovery', 'etcd', 'mirror'])
  for (const { svg } of pictures) {
    expect(svg).toContain(`onerror=window.${hackedMark}=1`)
    expect(svg).not.toMatch(/<(?:script|img|svg onload)\b/)
  }
})
