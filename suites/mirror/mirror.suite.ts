/** Three machines that stay. */
import './holder-node-lost.scenario.ts'
import './containerd-restart.scenario.ts'
import './daemonset-restart.scenario.ts'
import './upstream-back.scenario.ts'
import './upstream-bytes.scenario.ts'
import './socket-access.scenario.ts'
import './pull-through.scenario.ts'
