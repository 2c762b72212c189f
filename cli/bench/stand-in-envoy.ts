import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { MissingImage, provide } from '../../harness/images/provide.ts'
import { imageNamed } from '../../harness/images/request.ts'
import { privateDirectory } from '../../harness/private-files.ts'
import { run as execute } from '../../harness/process.ts'
import { type Run, runLabel } from '../../harness/run.ts'
import { Unavailable } from './floor.ts'
import { ownImageMark } from './left-images.ts'

/** What kind 0.33 puts before several control planes (its pkg/cluster/internal/loadbalancer/const.go). */
const envoyImage = 'docker.io/envoyproxy/envoy:v1.36.2'

/**
 * haproxy in envoy's place, for machines that cannot pull it: kind starts `envoy -c …` and writes the control planes into
 * cds.yaml once they run. A server is asked twice a second whether it is healthy, which is sooner than with envoy.
 */
export const standIn = `#!/bin/bash
set -eu
folder=\${ENVOY_FOLDER:-/home/envoy}
until grep -q ' address: ' "$folder/cds.yaml" && grep -q ' port_value: ' "$folder/lds.yaml"; do sleep 0.1; done
port=$(awk '$1 == "port_value:" { print $2; exit }' "$folder/lds.yaml")
servers=$(awk '$1 == "address:" { host = $2 }
  $1 == "port_value:" { print "  server " host " " host ":" $2 " check check-ssl verify none" }' "$folder/cds.yaml")
cat >"$folder/haproxy.cfg" <<CONFIG
global
  log stdout format raw local0 notice
defaults
  mode tcp
  log global
  timeout connect 250ms
  timeout client 1h
  timeout server 1h
  timeout check 3s
frontend api
  bind :$port
  default_backend servers
backend servers
  option httpchk GET /healthz
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1
$servers
CONFIG
exec haproxy -W -db -f "$folder/haproxy.cfg"
`

/**
 * Sees to it that kind finds an image by envoy's name: its own where that can be had, else the stand-in, made of this
 * project's node image and removed with the result. Returns whether it is the stand-in.
 * @throws {Unavailable} where neither can be had
 */
export async function provideLoadBalancer(
  run: Run,
  nodeImage: string,
): Promise<AsyncDisposable & { readonly isStandIn: boolean }> {
  try {
    await provide(imageNamed(envoyImage), run.offline ? { offline: true } : {})
    return { isStandIn: false, [Symbol.asyncDispose]: () => Promise.resolve() }
  } catch (cause) {
    if (!(cause instanceof MissingImage)) throw cause
    if (!nodeImage.startsWith('clusterproof/node:')) {
      throw new Unavailable(`${envoyImage} cannot be had, and ${nodeImage} has no haproxy to put in its place`, {
        cause,
      })
    }
  }
  const container = `envoy-stand-in-${run.id}`
  const file = path.join(run.workDirectory, 'envoy')
  privateDirectory(run.workDirectory)
  writeFileSync(file, standIn, { mode: 0o755 })
  await execute('docker', ['create', '--label', `${runLabel}=${run.id}`, '--name', container, nodeImage])
  await execute('docker', ['cp', file, `${container}:/usr/local/bin/envoy`])
  // kind's command is a whole one, and an empty entry point would leave the node image's own: it boots a machine.
  const changes = ['--change', 'ENTRYPOINT ["/usr/bin/env"]', '--change', 'CMD []', ...ownImageMark(run)]
  await execute('docker', ['commit', ...changes, container, envoyImage])
  await execute('docker', ['rm', '--volumes', container])
  return {
    isStandIn: true,
    [Symbol.asyncDispose]: async () => {
      await execute('docker', ['rmi', '--force', envoyImage], { reject: false })
    },
  }
}
