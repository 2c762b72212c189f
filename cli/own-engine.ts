import { engine, requireRoom } from '../harness/images/engine.ts'
import { nearEngine } from '../harness/images/engine-endpoint.ts'

/**
 * Makes sure that clusters can be made here: an engine answers, its ports are this machine's, and its disk has room.
 * Everything that this process starts speaks to that engine.
 * @throws {UserError}
 */
export async function requireOwnEngine(): Promise<void> {
  const host = await nearEngine()
  if (host !== null) process.env['DOCKER_HOST'] = host
  await requireRoom(await engine(), 'cluster')
}
