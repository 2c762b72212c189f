import { createServer } from 'node:net'
import { existsSync } from 'node:fs'

import { expect, it, onTestFinished } from 'vitest'

import { listenersIn, listeningPorts } from './listening.ts'

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

it('reads addresses as the kernel writes them, and only of sockets that listen', () => {
  const tail = '00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0'
  const connected = tail.replace(' 0A ', ' 01 ')
  expect(listenersIn(`${head}   0: 0100007F:192B ${tail} 4711 1\n   1: 00000000:0016 ${connected} 4712 1\n`)).toEqual([
    { address: '127.0.0.1:6443', inode: '4711' },
  ])
  expect(listenersIn(`${head}   0: ${'0'.repeat(32)}:0016 ${tail} 4711 1\n`)[0]?.address).toBe('[::]:22')
  expect(listenersIn(`${head}   0: 000080FE000000000000000001000000:0016 ${tail} 4711 1\n`)[0]?.address).toBe(
    '[fe80:0000:0000:0000:0000:0000:0000:0001]:22',
  )
})

it.runIf(existsSync('/proc/net/tcp'))('finds a port of this process while it listens', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  const listens = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listens.resolve)
  await listens.promise
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  expect(listeningPorts().filter((name) => name.startsWith(`127.0.0.1:${port} of `))).toHaveLength(1)
})
