/** What a candidate must be allowed, and what a holder that is cut off must not do. */
import './least-privilege-egress.scenario.ts'
import './rights.scenario.ts'
import './leader-partitioned.scenario.ts'
