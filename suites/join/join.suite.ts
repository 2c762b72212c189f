// One cluster for all of them: who joins leaves again.
import './worker.scenario.ts'
import './control-plane.scenario.ts'
import './etcd.scenario.ts'
import './leave-worker.scenario.ts'
import '../identity/member-consistency.scenario.ts'
