import { createServer } from 'node:net'

/** A port of the loopback that nothing listens on now. The engine then gives it to the container for good. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => void server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the loopback gave no TCP port')
  return address.port
}
