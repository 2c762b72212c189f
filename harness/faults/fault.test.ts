import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, type FakeNode } from '../fake-cluster.ts'
import { coldStart } from './cold-start.ts'
import { type Fault, inject, type InjectedFault, MissingCapability, NeverStruck, NoEvidence } from './fault.ts'
import { powerCut } from './power-cut.ts'
import { powerOff } from './power-off.ts'
import { reboot } from './reboot.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

let cluster: FakeCluster
let worker: FakeNode

beforeEach(() => {
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  worker = cluster.nodes[1]
})
afterEach(() => cluster[Symbol.asyncDispose]())

const told = () => cluster.journal.records().filter(({ source }) => source === 'fault')

describe('inject', () => {
  const heal = vi.fn<() => Promise<void>>(async () => {
    time.now += 10
  })
  const fault: Fault = {
    name: 'drill',
    node: 'fake-worker',
    available: () => true,
    inject: async () => {
      time.now += 500
      return { evidence: { counter: 7 }, heal }
    },
  }
  beforeEach(() => void heal.mockClear())

  it('writes down when it was asked for, its evidence, and when it was healed', async () => {
    const injected = await inject(cluster, fault)
    expect(injected).toMatchObject({ name: 'drill', node: 'fake-worker', injectedAt: 1_000 })
    expect(cluster.faults).toEqual([{ name: 'drill', node: 'fake-worker', injectedAt: 1_000, healedAt: null }])
    expect(await injected.heal()).toBe(1_510)
    expect(cluster.faults).toEqual([{ name: 'drill', node: 'fake-worker', injectedAt: 1_000, healedAt: 1_510 }])
    expect(told()).toMatchObject([
      { t: 1_000, kind: 'injecting', subject: 'node/fake-worker', data: { fault: 'drill' } },
      { t: 1_500, kind: 'struck', data: { fault: 'drill', evidence: { counter: 7 } } },
      { t: 1_500, kind: 'healing', data: { fault: 'drill' } },
      { t: 1_510, kind: 'healed', data: { fault: 'drill' } },
    ])
  })

  it('heals itself where it goes out of scope, and once only', async () => {
    {
      await using injected = await inject(cluster, fault)
      await injected.heal()
      await injected.heal()
    }
    expect(heal).toHaveBeenCalledOnce()
    {
      await using injected = await inject(cluster, fault)
      expect(injected.name).toBe('drill')
    }
    expect(heal).toHaveBeenCalledTimes(2)
  })

  it('strikes no cluster that cannot be struck so', async () => {
    const impossible = { ...fault, available: () => 'it has no power switch' }
    await expect(inject(cluster, impossible)).rejects.toThrow(new MissingCapability('drill: it has no power switch'))
    expect(cluster.faults).toEqual([])
    expect(told()).toEqual([])
  })

  it('is remembered as begun where it fails', async () => {
    const failing = { ...fault, inject: () => Promise.reject(new NoEvidence('nothing moved')) }
    await expect(inject(cluster, failing)).rejects.toThrow('nothing moved')
    expect(told().map(({ kind }) => kind)).toEqual(['injecting'])
    expect(cluster.faults).toMatchObject([{ healedAt: null }])
  })
})

describe('a fault that shows only later', () => {
  const heal = vi.fn<() => Promise<void>>(() => Promise.resolve())
  /** What its counters say, look by look; the last one for ever. */
  let looks: (number | Error)[]
  const fault: Fault = {
    name: 'drill',
    node: 'fake-worker',
    subject: 'networkpolicy/x/y',
    available: () => true,
    inject: async () => ({
      evidence: null,
      later: async () => {
        const look = looks.length > 1 ? looks.shift() : looks[0]
        if (look instanceof Error) throw look
        return look === 0 ? null : { dropped: look }
      },
      heal,
    }),
  }
  beforeEach(() => {
    heal.mockClear()
    looks = [0]
  })

  it('is waited for', async () => {
    looks = [0, new Error('no answer'), 0, 7]
    const injected = await inject(cluster, fault)
    expect(await injected.evidence()).toEqual({ dropped: 7 })
    looks = [9]
    expect(await injected.evidence()).toEqual({ dropped: 7 })
    await injected.heal()
    expect(told()).toMatchObject([
      { kind: 'injecting', subject: 'networkpolicy/x/y' },
      { kind: 'struck', subject: 'networkpolicy/x/y', data: { evidence: null } },
      { kind: 'healing' },
      { kind: 'healed', data: { fault: 'drill', evidence: { dropped: 9 } } },
    ])
  })

  it('is looked at once more before it is healed, by whoever did not wait', async () => {
    const injected = await inject(cluster, fault)
    looks = [3]
    expect(await injected.heal()).toBe(1_000)
    expect(heal).toHaveBeenCalledOnce()
  })

  it('is none where nothing shows it in time, and is healed all the same', async () => {
    const injected = await inject(cluster, fault)
    await expect(injected.evidence()).rejects.toThrow(/^drill: drill strikes fake-worker: not within 30 s/)
    await expect(injected.heal()).rejects.toThrow(NeverStruck)
    await expect(injected.heal()).rejects.toThrow(NoEvidence)
    expect(heal).toHaveBeenCalledOnce()
    expect(cluster.faults).toMatchObject([{ healedAt: time.now }])
    // Who called it has heard of it.
    await expect(injected[Symbol.asyncDispose]()).resolves.toBeUndefined()
  })

  it('is healed where nobody can look, which shows nothing', async () => {
    looks = [new Error('the node is off')]
    const injected = await inject(cluster, fault)
    await expect(injected[Symbol.asyncDispose]()).rejects.toThrow(NeverStruck)
    expect(heal).toHaveBeenCalledOnce()
    expect(told().at(-1)).toMatchObject({ kind: 'healed', data: { evidence: 'Error: the node is off' } })
  })
})

describe.each<[string, string, () => Promise<InjectedFault>]>([
  ['power-cut', 'kill', () => powerCut(cluster, worker)],
  ['power-off', 'stop', () => powerOff(cluster, worker)],
])('%s', (name, how, strike) => {
  it('switches the node off, and on again when it is healed', async () => {
    const fault = await strike()
    expect(fault.name).toBe(name)
    expect(worker).toMatchObject({ on: false, done: [how] })
    await fault.heal()
    expect(worker).toMatchObject({ on: true, boots: 2, done: [how, 'start'] })
  })

  it('is no fault where the node runs on', async () => {
    vi.spyOn(worker, 'running').mockResolvedValue(true)
    await expect(strike()).rejects.toThrow(NoEvidence)
  })

  it('needs nodes that can be switched', async () => {
    await using other = fakeCluster(() => time.now, ['reboot'])
    const attempt = name === 'power-cut' ? powerCut(other, worker) : powerOff(other, worker)
    await expect(attempt).rejects.toThrow(MissingCapability)
    expect(worker.done).toEqual([])
  })
})

describe('power-cut', () => {
  it('is not healed where the node was not started anew', async () => {
    const fault = await powerCut(cluster, worker)
    vi.spyOn(worker, 'start').mockResolvedValue()
    await expect(fault.heal()).rejects.toThrow(NoEvidence)
    expect(cluster.faults).toMatchObject([{ healedAt: null }])
  })
})

describe('cold-start', () => {
  it('switches every node off before the first is switched on', async () => {
    const [controlPlane] = cluster.nodes
    const fault = await coldStart(cluster)
    expect([controlPlane.on, worker.on]).toEqual([false, false])
    await fault.heal()
    expect([controlPlane.done, worker.done]).toEqual([
      ['stop', 'start'],
      ['stop', 'start'],
    ])
  })

  it('is no fault where one node stays on', async () => {
    vi.spyOn(worker, 'stop').mockResolvedValue()
    await expect(coldStart(cluster)).rejects.toThrow(NoEvidence)
  })
})

describe('reboot', () => {
  it('asks the node itself, and waits until it has started anew', async () => {
    let looks = 0
    const { bootEvidence } = worker
    vi.spyOn(worker, 'bootEvidence').mockImplementation(() => {
      looks += 1
      // Running, then off for a while, then on again.
      worker.on = looks < 3 || looks > 4
      if (looks === 5) worker.boots += 1
      return bootEvidence.call(worker)
    })
    const fault = await reboot(cluster, worker)
    expect(worker.done).toEqual([expect.stringContaining('systemctl')])
    expect(looks).toBe(5)
    expect(fault.injectedAt).toBe(1_000)
    expect(told().find(({ kind }) => kind === 'struck')?.data).toMatchObject({
      evidence: { before: { pid: 101 }, after: { pid: 102 } },
    })
  })

  it('is no fault where the node never starts anew, and says what the node said', async () => {
    worker.says = { stderr: 'Call to Reboot failed: Access denied' }
    await expect(reboot(cluster, worker)).rejects.toThrow(/fake-worker starts again: not within .*[^]*Access denied/)
    await expect(reboot(cluster, worker)).rejects.toThrow(NoEvidence)
  })
})
