import { findNode, findNodes } from '../../harness/cluster.ts'
import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { run } from '../../harness/process.ts'
import { undo, when } from '../../harness/sabotage.ts'
import { beforeStart, mendMachine, onWorker, shell } from './machine-sabotage.ts'
import { choose, counter, inSeededOrder } from './seeded.ts'

// What a machine has too little of: room on its disk, and processor time. Memory: kubelet.counter.ts, components.counter.ts.
const afterReboot = await scenariosOf(() => import('../recovery/daemonset-after-reboot.suite.ts'))
const coldStart = await scenariosOf(() => import('../recovery/cold-start.scenario.ts'))

const pods = '/var/lib/kubelet/pods'

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine whose file system for pods is full', {
  expected: { outcome: 'violates', diagnosis: 'machine.disk-full' },
  sabotage: onWorker({
    // With one inode, the root's own, nothing more can be made in it. The host's disk is left alone.
    strike: (_, node) =>
      beforeStart(node, 'kubelet', `mountpoint -q ${pods} || mount -t tmpfs -o size=64k,nr_inodes=1 tmpfs ${pods}`),
    mend: `while umount -l ${pods} 2>/dev/null; do :; done`,
  }),
})

const configuration = '/var/lib/kubelet/config.yaml'

/** Every worker must keep more of its disk free than it has: pods that are not critical have no place any more. */
const disksNearlyFull: Sabotage = async (cluster) => {
  const nodes = findNodes(cluster, { role: 'worker' })
  const threshold = `sed -i.saved 's/^\\( *nodefs.available:\\).*/\\1 "99%"/' ${configuration}`
  await Promise.all(nodes.map((node) => shell(node, threshold)))
  return undo(cluster, () =>
    Promise.all(nodes.map((node) => mendMachine(node, `mv -f ${configuration}.saved ${configuration}`))),
  )
}

counter(coldStart, 'recovery.cold-start', 'workers whose disks are nearly full', {
  expected: { outcome: 'violates', diagnosis: 'machine.disk-pressure' },
  sabotage: disksNearlyFull,
})

/** Microseconds of each 100 ms. */
const quota = choose('processor time of a machine', [4_000, 5_000, 6_000])

/** The engine gives the machine next to no processor time from its boot on. */
const starved: Sabotage = async (cluster) => {
  const node = findNode(cluster, { role: 'worker' })
  const limit = (microseconds: number) => run('docker', ['update', '--cpu-quota', String(microseconds), node.name])
  // Between its end and its next start: a machine that boots undisturbed is Ready two seconds later.
  const armed = when(
    cluster,
    ({ source, kind, subject }) => source === 'engine' && kind === 'die' && subject === `node/${node.name}`,
    () => limit(quota),
  )
  const rest = await onWorker({ strike: () => Promise.resolve(), mend: '' })(cluster)
  return {
    async [Symbol.asyncDispose]() {
      armed[Symbol.dispose]()
      await limit(-1)
      await rest[Symbol.asyncDispose]()
    },
  }
}

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a machine with next to no processor time', {
  expected: { outcome: 'violates', diagnosis: 'machine.cpu-starved' },
  choice: `${quota / 1_000} %`,
  sabotage: starved,
})

inSeededOrder()
