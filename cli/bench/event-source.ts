/**
 * Plays an API server whose pods change so often a second: `node cli/bench/event-source.ts RATE SECONDS`. It prints its
 * port, and how many changes it told of once that is over. Each says when it was sent in its pod's status.reason, in
 * nanoseconds of the clock that all processes of a host share.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const [rate = 0, seconds = 0] = process.argv.slice(2).map(Number)

/** Pods that there are: each changes again and again. */
const pods = 500

/** Changes are sent in handfuls, as an API server's come over one connection. */
const tickMs = 5

const server = createServer(({ url = '' }, response) => {
  if (!url.includes('watch=1')) {
    response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }))
    return
  }
  // A watch of anything else stays open, and quiet.
  response.writeHead(200).flushHeaders()
  if (url.startsWith('/api/v1/pods')) void flood(response)
})
server.listen(0, '127.0.0.1', () => {
  // What listens on an address and a port has such an address.
  console.log((server.address() as AddressInfo).port)
})

async function flood(response: ServerResponse): Promise<void> {
  const began = performance.now()
  let sent = 0
  for (let elapsedMs = 0; elapsedMs < seconds * 1_000; elapsedMs = performance.now() - began) {
    const due = Math.floor((elapsedMs / 1_000) * rate)
    let lines = ''
    for (; sent < due; sent += 1) lines += `${JSON.stringify(change(sent))}\n`
    if (lines !== '' && !response.write(lines)) await new Promise((resolve) => response.once('drain', resolve))
    await delay(tickMs)
  }
  console.log(sent)
}

/** As large as a pod of a DaemonSet is on the wire, 3 kB. */
function change(index: number): object {
  const number = index % pods
  const name = `pod-${number}`
  const condition = { status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z' }
  const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']
  return {
    type: index < pods ? 'ADDED' : 'MODIFIED',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'growth',
        uid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
        resourceVersion: String(index + 2),
        labels: { app: 'growth', 'pod-template-generation': '1' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'growth', uid: 'growth', controller: true },
        ],
        managedFields: [{ manager: 'kubelet', fieldsV1: { padding: 'x'.repeat(1_500) } }],
      },
      spec: { nodeName: 'worker', containers: [{ name: 'main', image: 'pause', env: [{ name: 'A', value: 'b' }] }] },
      status: {
        phase: 'Running',
        reason: process.hrtime.bigint().toString(),
        conditions: conditions.map((type) => Object.assign({ type }, condition)),
        containerStatuses: [{ name: 'main', ready: true, restartCount: 0, image: 'pause', imageID: 'x'.repeat(71) }],
      },
    },
  }
}
