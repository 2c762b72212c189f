import { scenariosOf } from '../../harness/fixtures.ts'
import { besideAll, dropIn, onWorker, shell, stopForGood } from './machine-sabotage.ts'
import { choose, counter, inSeededOrder } from './seeded.ts'

// What keeps a kubelet from doing its work after a reboot, where nothing is wrong before it.
const afterReboot = await scenariosOf(() => import('../recovery/daemonset-after-reboot.suite.ts'))

const configuration = '/var/lib/kubelet/config.yaml'
const restore = `[ ! -f ${configuration}.saved ] || mv ${configuration}.saved ${configuration}`

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet whose configuration has a value of the wrong type', {
  expected: { outcome: 'violates', diagnosis: 'machine.kubelet-misconfigured' },
  sabotage: onWorker({
    strike: (_, node) =>
      shell(node, `cp ${configuration} ${configuration}.saved; echo 'maxPods: many' >>${configuration}`),
    mend: restore,
  }),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet that may have too little memory', {
  expected: { outcome: 'violates', diagnosis: 'machine.out-of-memory' },
  // Less than the Go runtime reserves at its start; a limit of the address space is the same on every version of cgroups.
  sabotage: onWorker({ strike: (_, node) => dropIn(node, 'kubelet', 'LimitAS=512M'), mend: '' }),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet that is stopped by a signal', {
  expected: { outcome: 'violates', diagnosis: 'machine.kubelet-hangs' },
  sabotage: onWorker({ strike: (_, node) => besideAll(node, stopForGood('kubelet')), mend: '' }),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet that looks for the API server at another port', {
  expected: { outcome: 'violates', diagnosis: 'machine.api-unreachable' },
  sabotage: onWorker({
    strike: (_, node) => shell(node, "sed -i 's/:6443/:6444/' /etc/kubernetes/kubelet.conf"),
    mend: "sed -i 's/:6444/:6443/' /etc/kubernetes/kubelet.conf",
  }),
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet with another cgroup driver than its runtime', {
  expected: { outcome: 'violates', diagnosis: 'machine.cgroup-drivers-differ' },
  sabotage: onWorker({
    strike: (_, node) =>
      shell(node, `sed -i.saved 's/^cgroupDriver: systemd/cgroupDriver: cgroupfs/' ${configuration}`),
    mend: restore,
  }),
})

const delay = choose('delay of a kubelet', ['70', '80', '90'])

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet whose start is delayed', {
  expected: { outcome: 'violates', diagnosis: 'machine.kubelet-late' },
  choice: `${delay} s`,
  sabotage: onWorker({ strike: (_, node) => dropIn(node, 'kubelet', `ExecStartPre=/bin/sleep ${delay}`), mend: '' }),
})

inSeededOrder()
