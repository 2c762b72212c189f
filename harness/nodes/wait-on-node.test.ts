import { expect, it } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import { waitOnNode } from './wait-on-node.ts'

it('waits on the node, less long than a probe may take, and says whether the condition came true', async () => {
  const node = new FakeNode('a', ['worker'])
  expect(await waitOnNode(node, 'test -s /etc/file')).toBe(true)
  expect(node.done).toEqual(['timeout 4 sh -c until test -s /etc/file 2>/dev/null; do sleep 0.1; done'])
  node.says = { exitCode: 124 }
  expect(await waitOnNode(node, 'test -s /etc/file')).toBe(false)
})
