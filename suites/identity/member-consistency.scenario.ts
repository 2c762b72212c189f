import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { memberMismatch, memberTwice, strangeNode } from '../../harness/diagnosis/identity.ts'
import { scenario } from '../../harness/fixtures.ts'
import { machineNames, memberIdentities, nodeNames } from '../../harness/probes/identity.ts'

/** Changes nothing: whatever has happened to this cluster so far, every member had one name, that of its machine. */
scenario('identity.member-consistency', { requires: ['etcd-access'] }, async ({ cluster, require, measure }) => {
  const members = await memberIdentities(cluster)
  const fallback = () => diagnosis('recovery.unexplained', JSON.stringify(members))
  measure('members', members.length, '')
  measure('faults before', cluster.faults.length, '')
  const mismatch = memberMismatch(members)
  require('every member has had one name, that of its machine', mismatch === null, () => mismatch ?? fallback())
  const stray = memberTwice(members)
  require('every member has a machine', stray === null, () => stray ?? fallback())
  const nodes = await nodeNames(cluster)
  const strange = strangeNode(cluster, nodes)
  require('every Node is a machine', strange === null, () => strange ?? fallback())
  require('every machine of Kubernetes is a Node', nodes.join() === machineNames(cluster).join(), () =>
    diagnosis('identity.node-not-ready', `Nodes: ${nodes.join(', ')}; machines: ${machineNames(cluster).join(', ')}`))
})
