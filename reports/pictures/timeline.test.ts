import { describe, expect, it } from 'vitest'
import { create } from 'xmlbuilder2'

import type { StateBar } from '../facts/timeline-lane.ts'
import type { TimelineFacts } from '../facts/timeline.ts'
import { place } from './timeline-place.ts'
import { timelinePicture } from './timeline.ts'
import { timelineRows } from './timeline-rows.ts'
import { theme, tones } from './theme.ts'

const bar = (from: number, to: number, health: StateBar['health'], label: string): StateBar => {
  return { from, to, health, label, detail: '' }
}

const facts: TimelineFacts = {
  scenario: 'recovery.power-cut',
  durationMs: 60_000,
  outcome: 'violates',
  because: 'recovery.unexplained: worker did not come back',
  prefix: 'k-a1b2-',
  windows: [
    { kind: 'action', name: 'joins', target: 'k-a1b2-new', from: 1_000, struck: 1_000, to: 2_000, healed: 2_000 },
    {
      kind: 'fault',
      name: 'power-cut',
      target: 'k-a1b2-worker',
      from: 5_000,
      struck: 6_000,
      to: 50_000,
      healed: 50_000,
    },
    { kind: 'fault', name: 'kill', target: 'k-a1b2-cp', from: 3_000, struck: 3_000, to: 3_000, healed: null },
  ],
  nodes: [
    { name: 'k-a1b2-cp', bars: [bar(0, 60_000, 'healthy', 'Ready')] },
    {
      name: 'k-a1b2-worker',
      bars: [
        bar(0, 6_000, 'healthy', 'Ready'),
        bar(6_000, 50_000, 'off', 'off'),
        bar(50_000, 60_000, 'waiting', 'boots'),
      ],
    },
  ],
  pods: [
    {
      name: 'kube-system/kube-proxy',
      node: 'k-a1b2-worker',
      pods: 2,
      weight: 1,
      bars: [
        bar(0, 7_000, 'healthy', 'Ready'),
        bar(7_000, 9_000, 'unhealthy', 'NodeShutdown'),
        bar(20_000, 60_000, 'waiting', 'Pending'),
      ],
    },
    { name: 'default/lost', node: null, pods: 1, weight: 1, bars: [bar(0, 60_000, 'waiting', 'Pending')] },
  ],
  holders: [{ name: 'lease kube-system/kube-scheduler', bars: [bar(0, 60_000, 'holder', 'k-a1b2-cp')] }],
  troubles: [{ name: 'requests lost', bursts: [{ from: 7_000, to: 30_000, count: 12 }] }],
  expectations: [
    {
      name: 'the node is marked NotReady',
      budget: '65 s',
      outcome: 'met',
      withinMs: 65_000,
      tookMs: 40_000,
      from: 5_000,
      to: 45_000,
      budgetTo: 60_000,
      goesOn: true,
      begunBefore: false,
    },
    {
      name: 'k-a1b2-worker is Ready again',
      budget: '5 s',
      outcome: 'missed',
      withinMs: 5_000,
      tookMs: null,
      from: 50_000,
      to: 55_000,
      budgetTo: 55_000,
      goesOn: false,
      begunBefore: false,
    },
    {
      name: 'every write is there',
      budget: 'at once',
      outcome: 'met',
      withinMs: 0,
      tookMs: 0,
      from: 58_000,
      to: 58_000,
      budgetTo: 58_000,
      goesOn: false,
      begunBefore: false,
    },
  ],
  leftOut: ['7 pods'],
}

/** How many marks a layer has, and their titles. vega makes identifiers of names. */
function marks(svg: string, layer: string): { readonly count: number; readonly titles: string[] } {
  const group =
    svg.split(/(?=<g class="mark-)/).find((part) => part.includes(` ${layer.replaceAll('-', '_')}_marks"`)) ?? ''
  return {
    count: [...group.matchAll(/<(?:path|text|line)[ >]/g)].length,
    titles: [...group.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title = '']) => title),
  }
}

describe('timelineRows', () => {
  it('has what was done, what became of nodes and pods, elections, troubles and expectations, in this order', () => {
    const { rows, leftOut } = timelineRows(facts)

    expect(rows.map(({ kind, label, result }) => [kind, label, result])).toEqual([
      ['heading', 'What was done', ''],
      ['lane', 'power-cut · worker', ''],
      ['lane', 'kill · cp', ''],
      ['lane', 'joins · new', ''],
      ['heading', 'What became of it', ''],
      ['lane', 'cp', ''],
      ['lane', 'worker', 'off 44 s, down 10 s'],
      ['lane', 'kube-proxy', '2 pods, down 42 s'],
      ['heading', 'Pods elsewhere', ''],
      ['lane', 'lost', 'down 1 min'],
      ['heading', 'Who was elected', ''],
      ['lane', 'lease kube-scheduler', ''],
      ['heading', 'What its users saw', ''],
      ['lane', 'requests lost', '12'],
      ['heading', 'What was expected (outlined: the budget; filled: the time it took)', ''],
      ['lane', 'the node is marked NotReady', '40 s / 1 min 5 s'],
      ['lane', 'worker is Ready again', 'missed / 5 s'],
      ['lane', 'every write is there', 'holds'],
    ])
    expect(leftOut).toEqual(['7 pods'])
  })

  it('has no room for all, and says so', () => {
    const pods = Array.from(
      { length: 40 },
      (_, index) => ({ ...facts.pods[1], name: `default/p${index}` }) as TimelineFacts['pods'][number],
    )
    const { rows, leftOut } = timelineRows({ ...facts, pods })

    expect(rows.filter(({ title }) => title.startsWith('default/'))).toHaveLength(22)
    expect(leftOut).toEqual(['7 pods', '18 pods'])
  })
})

describe('place', () => {
  it('keeps lanes apart, and bars within the plot', () => {
    const { bars, height } = place(timelineRows(facts).rows, 60)
    const lanes = [...Map.groupBy(bars, ({ middle }) => middle)].toSorted(([a], [b]) => a - b)

    let bottom = 0
    for (const [, own] of lanes) {
      const [top = 0, last = 0] = [Math.min(...own.map(({ y }) => y)), Math.max(...own.map(({ y2 }) => y2))]
      expect(top).toBeGreaterThanOrEqual(bottom)
      bottom = last
    }
    expect(bottom).toBeLessThanOrEqual(height)
    for (const { x, x2 } of bars) {
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x2).toBeLessThanOrEqual(60)
      expect(x2).toBeGreaterThan(x)
    }
  })
})

describe('timelinePicture', () => {
  it('draws each state, fault and expectation once, and says in words what it shows', async () => {
    const svg = (await timelinePicture(facts, 'recovery.power-cut on kind')) ?? ''

    // 3 windows' bars (one pale), 4 + 4 states, a holder, a burst, two expectations.
    expect(marks(svg, 'bars').count).toBe(3 + 8 + 1 + 1 + 2)
    expect(marks(svg, 'budgets').count).toBe(2)
    expect(marks(svg, 'open-budgets').count).toBe(1)
    expect(marks(svg, 'moments').titles.toSorted()).toEqual([
      'every write is there: met, holds; budget: at once',
      'kill: asked for at 3.0 s, struck at 3.0 s, it passed by itself',
    ])
    expect(marks(svg, 'fault-bands').count).toBe(2)
    expect(marks(svg, 'fault-strikes').count).toBe(2)
    expect(svg).toContain('missed / 5 s')
    expect(svg).toContain('Not shown: 7 pods.')
    const { svg: root } = create(svg).toObject() as { svg: Record<string, unknown> }
    expect(root['@role']).toBe('img')
    expect(JSON.stringify(root['desc'])).toContain('Missed: k-a1b2-worker is Ready again (missed / 5 s).')
  })

  it('is drawn in themed colours alone', async () => {
    const svg = (await timelinePicture(facts, 'a')) ?? ''
    const markers = new Set<string>(Object.values(tones).map(({ light }) => light))

    const used = [...svg.matchAll(/ (?:fill|stroke)="(#\w+)"/g)].map(([, colour = '']) => colour)
    expect(used).toContain(theme.missed)
    expect(used.filter((colour) => !markers.has(colour))).toEqual([])
  })

  it('cuts long names and keeps them whole in a title', async () => {
    const name = 'a-deployment-whose-name-is-much-longer-than-there-is-room-for-in-a-column-7cb97f7bdb-ljjvg'
    const long = facts.pods.map((own) => ({ ...own, name: `default/${name}` }))
    const svg = (await timelinePicture({ ...facts, pods: long }, 'a')) ?? ''

    expect(svg).toContain(`<title>default/${name}</title>`)
    expect(svg).toMatch(/a-deployment-whose-\w*…[\w-]*ljjvg/)
  })

  it('shows names of pods as they are, and does nothing else with them', async () => {
    const bad = facts.pods.map((own) => ({ ...own, name: 'default/<script>alert(1)</script>' }))
    const svg = (await timelinePicture({ ...facts, pods: bad, because: '"><script>x</script>' }, '<script>')) ?? ''

    expect(svg).not.toContain('<script')
    expect(() => create(svg)).not.toThrow()
  })

  it('draws nothing of nothing', async () => {
    const none = { windows: [], nodes: [], pods: [], holders: [], troubles: [], expectations: [] }
    expect(await timelinePicture({ ...facts, ...none }, 'a')).toBeNull()
    expect(await timelinePicture({ ...facts, durationMs: 0 }, 'a')).toBeNull()
  })
})
