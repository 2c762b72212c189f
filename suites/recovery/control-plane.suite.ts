// One cluster for all of them: each leaves it as it found it, and the last looks back on all.
import './control-plane-reboot.scenario.ts'
import './cold-start.scenario.ts'
import '../identity/member-consistency.scenario.ts'
