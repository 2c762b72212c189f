import { describe, expect, it } from 'vitest'

import { parseBootLog, readBootLog, readStamp } from './boot-log.ts'

const node = (exitCode: number, stdout: string, stderr = '') => ({
  name: 'worker-1',
  exec: () => Promise.resolve({ stdout, stderr, exitCode, durationMs: 1 }),
})

describe('the boot log', () => {
  it('is read line by line', async () => {
    const text =
      '{"at":1,"event":"asking","name":"","detail":"mode fallback-name"}\n' +
      '{"at":2,"event":"named","name":"talos-1a2-b3c","detail":"made up"}\n'
    expect((await readBootLog(node(0, text))).map(({ event, name }) => [event, name])).toEqual([
      ['asking', ''],
      ['named', 'talos-1a2-b3c'],
    ])
  })

  it('is empty before the machine has written any', async () => {
    expect(await readBootLog(node(1, '', 'cat: x: No such file or directory'))).toEqual([])
  })

  it('cannot be read of a machine that is off', async () => {
    await expect(readBootLog(node(1, '', 'container is not running'))).rejects.toThrow(
      'worker-1: cannot read /run/clusterproof/boot.log: container is not running',
    )
  })

  it('names the line that is none', () => {
    expect(() => parseBootLog('{"at":1,"event":"named","name":"","detail":""}\n')).toThrow(/boot\.log, line 1: not as/)
    expect(() => parseBootLog('{"at":1,"ev')).toThrow(/boot\.log, line 1: not as/)
  })
})

describe('the stamp', () => {
  it('says the name, since when and from where', async () => {
    const stamp = { at: 7, name: 'worker-1', source: 'metadata' as const }
    expect(await readStamp(node(0, JSON.stringify(stamp)))).toEqual(stamp)
    expect(await readStamp(node(1, '', 'cat: x: No such file or directory'))).toBeNull()
  })
})
