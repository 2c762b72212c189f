import { createServer } from 'node:net'

import { nodeImage } from '../images/request.ts'
import type { ClusterDefinition } from '../topology.ts'
import type { Run } from '../process.ts'
import { UserError } from '../user-error.ts'

/** Everything that is known to be wrong with a definition before kind is called. @throws {UserError} */
export async function checkKind(definition: ClusterDefinition): Promise<void> {
  checkSupported(definition)
  if (definition.nodeImage === undefined) nodeImage(definition.kubernetes)
  if (definition.network.apiPort !== undefined) await checkPort(definition.network.apiPort)
}

/**
 * What kind cannot build, said before anything is started.
 * @throws {UserError}
 */
export function checkSupported(definition: ClusterDefinition): void {
  for (const node of definition.nodes) {
    if (node.roles.includes('etcd') && !node.roles.includes('control-plane')) {
      throw new UserError(`${definition.name}: kind cannot make the etcd-only node ${node.name}`, {
        exitCode: 2,
        hint: "kind runs etcd on its control-plane nodes; give the node the role control-plane, or leave 'etcd' out.",
      })
    }
  }
}

/**
 * Whether kind has no cluster of that name yet: kind would add nodes to it and then fail half-way.
 * @throws {UserError} where it has
 */
export async function checkName(name: string, kind: string, run: Run): Promise<void> {
  const { stdout } = await run(kind, ['get', 'clusters'])
  if (!stdout.split('\n').includes(name)) return
  throw new UserError(`kind has a cluster named ${name} already`, {
    exitCode: 2,
    hint: `Remove what a dead run left (npm run sweep), or the cluster itself: kind delete cluster --name ${name}`,
  })
}

/**
 * Whether the port is free on the host's loopback.
 * @throws {UserError} where something listens there already
 */
export async function checkPort(port: number): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  } catch (cause) {
    throw new UserError(`network.apiPort: port ${port} on 127.0.0.1 is taken`, {
      exitCode: 2,
      hint: `Leave apiPort out, so that a free port is used, or end what listens there (ss -ltnp 'sport = :${port}').`,
      cause,
    })
  } finally {
    server.close()
  }
}
